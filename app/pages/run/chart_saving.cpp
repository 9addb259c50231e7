#include "app/pages/run/chart_saving.h"

#include "app/error_text.h"
#include "app/services.h"
#include "widgets/base/prompts.h"
#include "widgets/chart/live_chart.h"
#include "widgets/form/message_bar.h"

#include <QCoreApplication>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr double kPictureScale = 2;

struct Tr {
    Q_DECLARE_TR_FUNCTIONS(lacuna::ChartSaving)
};

} // namespace

void saveChart(Services& services, LiveChart& chart, ChartFormat format)
{
    const QString ending = format == ChartFormat::Png   ? u"png"_s
                           : format == ChartFormat::Pdf ? u"pdf"_s
                                                        : u"csv"_s;
    const QString path = services.prompts.chooseSaveFile(Tr::tr("Save the chart"),
                                                         u"chart."_s + ending, u"*."_s + ending);
    if (path.isEmpty())
        return;
    const Status status = format == ChartFormat::Png   ? chart.savePng(path, kPictureScale)
                          : format == ChartFormat::Pdf ? chart.savePdf(path)
                                                       : chart.saveCsv(path);
    if (status)
        services.messages.show(MessageKind::Success,
                               Tr::tr("The chart was saved as %1.").arg(path));
    else
        services.messages.show(MessageKind::Error, errorText(status.error()),
                               errorDetails(status.error()));
}

} // namespace lacuna
