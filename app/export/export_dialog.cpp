#include "app/export/export_dialog.h"

#include "app/error_text.h"
#include "app/export/export_choices.h"
#include "app/history.h"
#include "core/base/text.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/note_line.h"
#include "widgets/text/elided_label.h"

#include <QDesktopServices>
#include <QDir>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 640;
constexpr int kPlanningPauseMs = 120;
constexpr int kProgressSteps = 1000;

QString pathText(const std::filesystem::path& path)
{
    return QDir::toNativeSeparators(QString::fromStdString(path.string()));
}

QString sizeText(std::uint64_t bytes)
{
    return QString::fromStdString(bytesText(static_cast<double>(bytes)));
}

void openFolder(MessageBar& messages, const QString& folder)
{
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(folder)))
        messages.show(MessageKind::Warning,
                      ExportDialog::tr("The folder %1 could not be shown.").arg(folder));
}

} // namespace

ExportDialog::ExportDialog(Services& services, const Run& run, QWidget* parent)
    : QDialog(parent), m_services(services), m_runName(QString::fromStdString(run.name)),
      m_choices(new ExportChoices(services.settings)), m_writesTitle(new QLabel),
      m_writes(new ElidedLabel(Qt::ElideMiddle)), m_size(secondaryText({})), m_notes(new QWidget),
      m_phase(new QLabel), m_progress(new QProgressBar), m_export(new QPushButton),
      m_cancel(new QPushButton)
{
    setObjectName(u"exportDialog"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    m_writes->setObjectName(u"exportWrites"_s);
    m_writes->setTextFormat(Qt::PlainText);
    m_size->setObjectName(u"exportSize"_s);
    m_phase->setObjectName(u"exportPhase"_s);
    m_progress->setObjectName(u"exportProgress"_s);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setTextVisible(false);
    m_export->setObjectName(u"exportButton"_s);
    m_export->setProperty("primary", true);
    m_export->setDefault(true);
    m_cancel->setObjectName(u"cancelExportButton"_s);
    m_cancel->setAutoDefault(false);
    m_phase->hide();
    m_progress->hide();

    auto* writes = new QHBoxLayout;
    writes->setSpacing(8);
    writes->addWidget(m_writesTitle);
    writes->addWidget(m_writes, 1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_export);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_choices);
    layout->addSpacing(4);
    layout->addLayout(writes);
    layout->addWidget(m_size);
    layout->addWidget(m_notes);
    layout->addStretch();
    layout->addWidget(m_phase);
    layout->addWidget(m_progress);
    layout->addLayout(buttons);
    resize(kWidth, sizeHint().height());

    m_planning.setSingleShot(true);
    m_planning.setInterval(kPlanningPauseMs);
    connect(&m_planning, &QTimer::timeout, this, [this] {
        m_job.plan(*m_source, m_choices->choice(), m_choices->place(),
                   [this](const Result<PlannedExport>& planned) { takePlan(planned); });
    });
    connect(m_choices, &ExportChoices::changed, this, &ExportDialog::replan);
    connect(m_choices, &ExportChoices::folderRequested, this, [this](const QString& folder) {
        const QString chosen =
            m_services.prompts.chooseFolder(tr("Choose a folder to export into"), folder);
        if (!chosen.isEmpty())
            m_choices->setFolder(chosen);
    });
    connect(m_export, &QPushButton::clicked, this, &ExportDialog::start);
    connect(m_cancel, &QPushButton::clicked, this, &ExportDialog::reject);
    connect(&m_job, &ExportJob::progressed, this, &ExportDialog::showProgress);
    m_job.open(services.history.file(), run.id,
               [this](const Result<ExportOffer>& offer) { take(offer); });
    retranslate();
}

ExportDialog::~ExportDialog() = default;

void ExportDialog::reject()
{
    if (!m_job.isRunning())
        return QDialog::reject();
    m_job.cancel();
    m_cancel->setEnabled(false);
    m_phase->setText(tr("Taking back what was written\u2026"));
}

void ExportDialog::take(const Result<ExportOffer>& offer)
{
    if (!offer) {
        m_services.messages.show(MessageKind::Error, errorText(offer.error()),
                                 errorDetails(offer.error()));
        return QDialog::reject();
    }
    m_source = offer->source;
    m_choices->setOffer(*offer);
}

void ExportDialog::replan()
{
    if (!m_source || m_job.isRunning())
        return;
    m_plan.reset();
    m_problem = m_choices->problem();
    if (m_problem.isEmpty())
        m_planning.start();
    else
        m_planning.stop();
    showPlan();
}

void ExportDialog::takePlan(const Result<PlannedExport>& planned)
{
    if (m_planning.isActive() || !m_problem.isEmpty())
        return; // of what is no longer asked for
    if (planned) {
        m_plan = *planned;
        m_choices->showName(QString::fromStdString(planned->folder.filename().string()));
    } else {
        m_problem = errorText(planned.error());
    }
    showPlan();
}

void ExportDialog::showPlan()
{
    m_export->setEnabled(m_plan.has_value());
    m_writes->setFullText(m_plan                ? pathText(m_plan->report.target)
                          : m_problem.isEmpty() ? tr("Looking\u2026")
                                                : u"\u2013"_s);
    QString size;
    if (m_plan) {
        const ExportReport& report = m_plan->report;
        const QString bytes = sizeText(report.bytes);
        switch (m_choices->choice().form) {
        case ExportForm::Folder:
            size = report.files == 1
                       ? tr("About %1 in one file of weights, with a model card.").arg(bytes)
                       : tr("About %1 in %2 files of weights, with a model card.")
                             .arg(bytes)
                             .arg(report.files);
            break;
        case ExportForm::Gguf:
            size = tr("About %1: %2, %3 tensors.")
                       .arg(bytes, QString::fromStdString(report.type))
                       .arg(report.tensors);
            break;
        case ExportForm::Delta:
            size = tr("At most %1, and mostly far less: what did not change takes no room.")
                       .arg(bytes);
            break;
        case ExportForm::Adapter:
            size = tr("About %1, with a model card.").arg(bytes);
            break;
        }
    }
    m_size->setText(size);
    addNotes();
    fitHeight();
}

/// Reasons and warnings may need more room than there was at first.
void ExportDialog::fitHeight()
{
    layout()->activate();
    const int needed = layout()->totalHeightForWidth(width());
    if (needed > height())
        resize(width(), needed);
}

void ExportDialog::addNotes()
{
    delete m_notes->layout();
    qDeleteAll(m_notes->findChildren<NoteLine*>());
    auto* notes = new QVBoxLayout(m_notes);
    notes->setContentsMargins(0, 0, 0, 0);
    notes->setSpacing(4);
    const auto add = [&](MessageKind kind, const QString& words) {
        auto* note = new NoteLine(kind, words, m_notes);
        note->setObjectName(u"exportNote"_s);
        notes->addWidget(note);
    };
    if (!m_problem.isEmpty())
        add(MessageKind::Error, m_problem);
    if (m_plan)
        for (const std::string& warning : m_plan->report.warnings)
            add(MessageKind::Warning, QString::fromStdString(warning));
    m_notes->setVisible(notes->count() > 0);
}

void ExportDialog::start()
{
    m_choices->remember();
    m_choices->setEnabled(false);
    m_export->setEnabled(false);
    m_progress->setValue(0);
    m_progress->show();
    m_phase->setText(tr("Beginning\u2026"));
    m_phase->show();
    fitHeight();
    m_cancel->setFocus();
    m_job.start(*m_source, m_choices->choice(), m_plan->folder,
                [this](const Result<ExportReport>& report) { finish(report); });
}

void ExportDialog::showProgress(const QString& what, quint64 doneBytes, quint64 totalBytes)
{
    m_progress->setValue(static_cast<int>(std::lround(
        kProgressSteps * static_cast<double>(doneBytes) / static_cast<double>(totalBytes))));
    if (!m_cancel->isEnabled())
        return;
    const QString phase = what == u"writing"     ? tr("Writing")
                          : what == u"comparing" ? tr("Reading back and comparing")
                          : what == u"hashing"   ? tr("Computing checksums")
                                                 : what;
    m_phase->setText(tr("%1: %2 of %3").arg(phase, sizeText(doneBytes), sizeText(totalBytes)));
}

void ExportDialog::finish(const Result<ExportReport>& report)
{
    MessageBar& messages = m_services.messages;
    if (!report) {
        messages.show(MessageKind::Error, errorText(report.error()), errorDetails(report.error()));
    } else if (report->ending == Ending::Cancelled) {
        messages.show(MessageKind::Info, tr("The export was cancelled. Nothing was written."));
    } else {
        const QString folder = QString::fromStdString(m_plan->folder.string());
        messages.show(MessageKind::Success,
                      tr("Exported \u201c%1\u201d: %2, %3, read back and compared.")
                          .arg(m_runName, pathText(report->target), sizeText(report->bytes)),
                      {}, {.text = tr("Open folder"), .trigger = [&messages, folder] {
                               openFolder(messages, folder);
                           }});
    }
    accept();
}

void ExportDialog::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QDialog::changeEvent(event);
}

void ExportDialog::retranslate()
{
    setWindowTitle(tr("Export \u201c%1\u201d").arg(m_runName));
    m_writesTitle->setText(tr("Writes"));
    m_progress->setAccessibleName(tr("Progress of the export"));
    m_export->setText(tr("Export"));
    m_cancel->setText(tr("Cancel"));
    if (m_source)
        showPlan();
}

} // namespace lacuna
