#include "app/mix/calibration_dialog.h"

#include "app/error_text.h"
#include "core/metrics/metric.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/fact_table.h"
#include "widgets/form/message_bar.h"
#include "widgets/table/value_text.h"

#include <QDir>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 560;
constexpr int kProgressSteps = 1000;

QString percent(double share)
{
    return CalibrationDialog::tr("%1 %").arg(QLocale().toString(100 * share, 'f', 1));
}

/// Of the forget set; nothing where it was not measured.
std::optional<double> forgetValue(const std::vector<Evaluation>& evaluations,
                                  const std::string& metric, EvaluationPhase phase)
{
    const auto found = std::ranges::find_if(evaluations, [&](const Evaluation& one) {
        return one.set == "forget" && one.metric == metric && one.phase == phase;
    });
    return found == evaluations.end() ? std::nullopt : std::optional(found->value);
}

} // namespace

CalibrationDialog::CalibrationDialog(Services& services, RunRecord record,
                                     CalibrationRequest request, QWidget* parent)
    : QDialog(parent), m_services(services), m_record(std::move(record)),
      m_request(std::move(request)), m_explanation(secondaryText({})), m_keepTitle(new QLabel),
      m_keep(new QDoubleSpinBox), m_metricTitle(new QLabel), m_metric(new CalmComboBox),
      m_reading(new QLabel), m_points(new FactTable), m_phase(new QLabel),
      m_progress(new QProgressBar), m_start(new QPushButton), m_save(new QPushButton),
      m_cancel(new QPushButton)
{
    setObjectName(u"calibrationDialog"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    m_explanation->setWordWrap(true);
    m_keep->setObjectName(u"keepShare"_s);
    m_keep->setRange(0, 100);
    m_keep->setDecimals(1);
    m_keep->setValue(100 * m_request.keep);
    m_keepTitle->setBuddy(m_keep);
    m_metric->setObjectName(u"keptMetric"_s);
    for (const MetricInfo& metric : metrics().entries())
        if (!metric.ofWriting)
            m_metric->addItem(QString::fromStdString(metric.title),
                              QString::fromStdString(metric.id));
    m_metric->setCurrentIndex(m_metric->findData(QString::fromStdString(m_request.metric)));
    m_metricTitle->setBuddy(m_metric);
    m_reading->setObjectName(u"calibrationReading"_s);
    m_reading->setWordWrap(true);
    m_points->setObjectName(u"calibrationPoints"_s);
    m_phase->setObjectName(u"calibrationPhase"_s);
    m_progress->setObjectName(u"calibrationProgress"_s);
    m_progress->setTextVisible(false);
    m_start->setObjectName(u"calibrateButton"_s);
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    m_save->setObjectName(u"saveMixButton"_s);
    m_save->setAutoDefault(false);
    m_cancel->setObjectName(u"closeCalibrationButton"_s);
    m_cancel->setAutoDefault(false);
    for (QWidget* part : {static_cast<QWidget*>(m_reading), static_cast<QWidget*>(m_points)})
        part->hide();

    auto* wish = new QHBoxLayout;
    wish->setSpacing(8);
    wish->addWidget(m_keepTitle);
    wish->addWidget(m_keep);
    wish->addWidget(m_metricTitle);
    wish->addWidget(m_metric, 1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_save);
    buttons->addStretch();
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_start);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(m_explanation);
    layout->addLayout(wish);
    layout->addWidget(m_reading);
    layout->addWidget(m_points);
    layout->addStretch();
    layout->addWidget(m_phase);
    layout->addWidget(m_progress);
    layout->addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &CalibrationDialog::calibrate);
    connect(m_save, &QPushButton::clicked, this, &CalibrationDialog::save);
    connect(m_cancel, &QPushButton::clicked, this, &CalibrationDialog::reject);
    connect(&m_job, &CancellableJob::progressed, this, [this](double share) {
        m_progress->setValue(static_cast<int>(std::lround(kProgressSteps * share)));
    });
    setPhase(Phase::Idle);
    retranslate();
    resize(kWidth, layout->totalHeightForWidth(kWidth));
}

void CalibrationDialog::reject()
{
    if (!m_job.isRunning())
        return QDialog::reject();
    m_job.cancel();
    setPhase(Phase::Ending);
}

void CalibrationDialog::calibrate()
{
    CalibrationRequest request = m_request;
    request.keep = m_keep->value() / 100;
    request.metric = m_metric->currentData().toString().toStdString();
    setPhase(Phase::Measuring);
    m_job.start(
        [request](CancellableJob::Course& course) {
            return lacuna::calibrate(request, [&](double share) { return course.proceed(share); });
        },
        [this, request](const Result<Calibration>& found) { take(request, found); });
}

void CalibrationDialog::take(const CalibrationRequest& request, const Result<Calibration>& found)
{
    const bool complete = found && !found->points.empty(); // otherwise failed or cancelled
    if (complete)
        m_found = Found{.request = request, .result = *found};
    else if (!found)
        report(found.error());
    setPhase(Phase::Idle);
    if (!complete)
        return;
    showResult();
    m_save->setFocus();
}

void CalibrationDialog::save()
{
    const QString parent = m_services.prompts.chooseFolder(
        tr("Choose a folder for the mixed model"), QString::fromStdString(m_record.run.folder));
    if (parent.isEmpty())
        return;
    const auto folder = std::filesystem::path(parent.toStdString()) /
                        ("mixed-" + QString::number(m_found->result.amount, 'g', 3).toStdString());
    setPhase(Phase::Writing);
    m_job.start(
        [request = m_found->request, amount = m_found->result.amount,
         folder](CancellableJob::Course& course) {
            return writeMix(request.evaluation.model, request.unlearned, amount, folder,
                            [&] { return course.isCancelled(); });
        },
        [this, folder](const Status& status) {
            setPhase(Phase::Idle);
            if (!status)
                report(status.error());
            else if (!m_job.isCancelled())
                m_services.messages.show(
                    MessageKind::Success,
                    tr("The mixed model is in %1.")
                        .arg(QDir::toNativeSeparators(QString::fromStdString(folder.string()))));
        });
}

void CalibrationDialog::report(const Error& error)
{
    m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
}

void CalibrationDialog::setPhase(Phase phase)
{
    m_current = phase;
    const bool busy = phase != Phase::Idle;
    for (QWidget* part : {static_cast<QWidget*>(m_keep), static_cast<QWidget*>(m_metric),
                          static_cast<QWidget*>(m_start)})
        part->setEnabled(!busy);
    m_save->setEnabled(!busy && m_found);
    m_phase->setVisible(busy);
    m_progress->setVisible(busy);
    if (phase != Phase::Ending) {
        m_progress->setRange(0, phase == Phase::Writing ? 0 : kProgressSteps); // 0: cannot be told
        m_progress->setValue(0);
    }
    m_cancel->setEnabled(phase != Phase::Ending);
    showPhase();
}

void CalibrationDialog::showPhase()
{
    switch (m_current) {
    case Phase::Idle:
        m_phase->clear();
        break;
    case Phase::Measuring:
        m_phase->setText(tr("Measuring mixtures of the original and the result\u2026"));
        break;
    case Phase::Writing:
        m_phase->setText(tr("Writing the mixed model\u2026"));
        break;
    case Phase::Ending:
        m_phase->setText(tr("Ending\u2026"));
        break;
    }
    m_cancel->setText(m_current == Phase::Idle ? tr("Close") : tr("Cancel"));
}

QString CalibrationDialog::reading() const
{
    const auto& [request, found] = *m_found;
    const auto chosen = std::ranges::find(found.points, found.amount, &CalibrationPoint::amount);
    const QString metric =
        m_metric->itemText(m_metric->findData(QString::fromStdString(request.metric)));
    QString text =
        found.amount >= 1
            ? tr("All that the run changed may be kept: %1 of the retain set's value of "
                 "\u201c%2\u201d is left.")
                  .arg(percent(chosen->kept), metric)
        : found.amount > 0
            ? tr("%1 of what the run changed may be kept: %2 of the retain set's value of "
                 "\u201c%3\u201d is then left.")
                  .arg(percent(found.amount), percent(chosen->kept), metric)
            : tr("Nothing of what the run changed may be kept: the smallest part that was tried "
                 "costs too much of the retain set's value of \u201c%1\u201d.")
                  .arg(metric);
    const auto before = forgetValue(m_record.evaluations, request.metric, EvaluationPhase::Before);
    const auto now = forgetValue(found.evaluations, request.metric, EvaluationPhase::Standalone);
    if (before && now)
        text += u' ' + tr("On the forget set it goes from %1 to %2.")
                           .arg(shortNumber(*before, QLocale()), shortNumber(*now, QLocale()));
    return text;
}

void CalibrationDialog::showResult()
{
    m_reading->setText(reading());
    std::vector<CalibrationPoint> points = m_found->result.points;
    std::ranges::sort(points, {}, &CalibrationPoint::amount);
    FactTable::Content content{
        .header = {tr("Part of the change"), tr("Retain value"), tr("Kept")}};
    for (const CalibrationPoint& point : points)
        content.rows.push_back(
            {percent(point.amount), shortNumber(point.score, QLocale()), percent(point.kept)});
    m_points->setContent(content);
    m_reading->show();
    m_points->show();
    layout()->activate();
    resize(width(), std::max(height(), layout()->totalHeightForWidth(width())));
}

void CalibrationDialog::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QDialog::changeEvent(event);
}

void CalibrationDialog::retranslate()
{
    setWindowTitle(tr("Calibrate \u201c%1\u201d").arg(QString::fromStdString(m_record.run.name)));
    m_explanation->setText(
        tr("Mixes the original with the result of this run, and finds by halving the largest part "
           "of the change that leaves enough of the retain set. Runs calibrated alike can be "
           "compared by what they forget (UWC)."));
    m_keepTitle->setText(tr("Keep at least"));
    m_keep->setAccessibleName(tr("Share of the retain set's value to keep"));
    m_metricTitle->setText(tr("of the retain set's"));
    m_metric->setAccessibleName(tr("Metric whose value is kept"));
    m_progress->setAccessibleName(tr("Progress"));
    m_start->setText(tr("Calibrate"));
    m_save->setText(tr("Save this mixture\u2026"));
    const QString percentage = tr("%1 %");
    m_keep->setPrefix(percentage.section(u"%1"_s, 0, 0));
    m_keep->setSuffix(percentage.section(u"%1"_s, 1));
    showPhase();
    if (m_found)
        showResult();
}

} // namespace lacuna
