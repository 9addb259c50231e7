#include "app/pages/report/report_page.h"

#include "app/actions.h"
#include "app/application.h"
#include "app/error_text.h"
#include "app/history.h"
#include "app/report/pdf_report.h"
#include "app/report/text_report.h"
#include "core/base/json.h"
#include "core/report/html_report.h"
#include "core/report/report.h"
#include "core/store/store.h"
#include "widgets/base/colors.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/message_bar.h"

#include <QAction>
#include <QCheckBox>
#include <QCoreApplication>
#include <QDateTime>
#include <QEvent>
#include <QFontInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QRegularExpression>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTextBrowser>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kPreviewWidth = 820; ///< of the text with its margins
constexpr int kPreviewMargin = 32;
constexpr RunId kBundled = -1; ///< the finished experiment, which is not in the history

/// Text of one width, in the middle: what has been laid out stays so when the window grows.
class PreviewBrowser : public QTextBrowser {
public:
    PreviewBrowser()
    {
        setLineWrapMode(QTextEdit::FixedPixelWidth);
        setLineWrapColumnOrWidth(kPreviewWidth);
    }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        const int room = width() - 2 * frameWidth() - verticalScrollBar()->sizeHint().width();
        const int side = std::max(0, (room - kPreviewWidth) / 2);
        setViewportMargins(side, 0, side, 0);
        setHorizontalScrollBarPolicy(room < kPreviewWidth ? Qt::ScrollBarAsNeeded
                                                          : Qt::ScrollBarAlwaysOff);
        QTextBrowser::resizeEvent(event);
    }
};

Result<Report> reportOf(const std::filesystem::path& file, RunId id, ReportOptions options)
{
    const Result<Store> store = Store::open(file, OpenMode::ReadOnly);
    if (!store)
        return store.error();
    const Result<Run> run = store->run(id);
    if (!run)
        return run.error();
    options.method = methodWords(run->method);
    return makeReport(*store, id, options);
}

Result<Report> bundledReport(const ReportOptions& options)
{
    const auto file = resourcesFolder() / "sample" / "experiment.sqlite";
    const Result<Store> store = Store::open(file, OpenMode::ReadOnly);
    if (!store)
        return store.error();
    const Result<std::vector<Run>> runs = store->runs({.limit = 1});
    if (!runs)
        return runs.error();
    if (runs->empty())
        return Error{.code = ErrorCode::NotFound,
                     .message = "the bundled history holds no run",
                     .context = file.string(),
                     .remedy = "install the program again"};
    return reportOf(file, runs->front().id, options);
}

} // namespace

ReportPage::ReportPage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_title(heading({}, 1)), m_intro(secondaryText({})),
      m_runLabel(new QLabel), m_runs(new CalmComboBox), m_answers(new QCheckBox),
      m_stack(new QStackedWidget), m_text(secondaryText({})), m_browser(new PreviewBrowser)
{
    setObjectName(u"reportPage"_s);
    addActions();
    makeLayout();
    connectHistory();
    retranslate();
    showText(tr("Reading the history\u2026"));
}

ReportPage::~ReportPage() = default;

void ReportPage::addActions()
{
    const auto add = [this](const char* id, const QString& key, std::function<void()> trigger) {
        m_actions.push_back(m_services.actions.add({.id = QString::fromLatin1(id),
                                                    .name = QString::fromLatin1(id),
                                                    .help = {},
                                                    .key = QKeySequence(key),
                                                    .icon = u"export"_s,
                                                    .trigger = std::move(trigger)}));
    };
    add("report.save-html", u"Ctrl+Shift+H"_s, [this] { saveHtml(); });
    add("report.save-pdf", u"Ctrl+Shift+G"_s, [this] { savePdf(); });
}

void ReportPage::makeLayout()
{
    m_runs->setObjectName(u"reportRun"_s);
    m_runs->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_runs->setMinimumContentsLength(24);
    m_runLabel->setBuddy(m_runs);
    m_answers->setObjectName(u"reportAnswers"_s);
    m_answers->setChecked(true);
    m_text->setObjectName(u"reportText"_s);
    m_text->setAlignment(Qt::AlignCenter);
    m_browser->setObjectName(u"reportPreview"_s);
    m_browser->setOpenLinks(false);
    m_stack->addWidget(m_text);
    m_stack->addWidget(m_browser);

    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_runLabel);
    row->addWidget(m_runs, 1);
    row->addWidget(m_answers);
    for (QAction* action : m_actions)
        row->addWidget(actionButton(*action));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_intro);
    layout->addLayout(row);
    layout->addWidget(m_stack, 1);
    connect(m_runs, &QComboBox::activated, this, &ReportPage::make);
    connect(m_answers, &QCheckBox::toggled, this, &ReportPage::make);
}

void ReportPage::connectHistory()
{
    connect(&m_services.history, &History::changed, this, [this] {
        m_stale = true;
        if (isVisible())
            readRuns();
    });
}

void ReportPage::shown()
{
    if (m_stale)
        readRuns();
    updateActions();
}

void ReportPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    updateActions();
}

void ReportPage::showRun(RunId id)
{
    m_wished = id;
    m_stale = true;
    if (isVisible())
        readRuns();
}

void ReportPage::readRuns()
{
    m_stale = false;
    m_services.history.list(this, [this](const Result<std::vector<RunOverview>>& runs) {
        if (runs)
            return takeRuns(*runs);
        m_made.reset();
        showText(tr("The history cannot be read."));
        m_services.messages.show(MessageKind::Error, errorText(runs.error()),
                                 errorDetails(runs.error()));
    });
}

void ReportPage::takeRuns(const std::vector<RunOverview>& runs)
{
    // No run has the number 0.
    const RunId current = m_wished.value_or(
        m_runs->currentIndex() >= 0 ? m_runs->currentData().toLongLong() : RunId{0});
    m_wished.reset();
    m_runs->clear();
    for (const RunOverview& one : runs) {
        const QDateTime made =
            QDateTime::fromString(QString::fromStdString(one.run.createdAt), Qt::ISODateWithMs);
        m_runs->addItem(
            tr("%1, %2").arg(QString::fromStdString(one.run.name),
                             locale().toString(made.toLocalTime(), QLocale::ShortFormat)),
            QVariant::fromValue<qlonglong>(one.run.id));
    }
    m_runs->addItem(tr("The finished experiment that comes with Lacuna"),
                    QVariant::fromValue<qlonglong>(kBundled));
    const int at = m_runs->findData(QVariant::fromValue<qlonglong>(current));
    m_runs->setCurrentIndex(std::max(at, 0));
    make();
}

void ReportPage::make()
{
    if (m_runs->currentIndex() < 0)
        return;
    if (m_making.isRunning()) {
        m_again = true;
        return;
    }
    TextReportLook look{.font = font(), .dark = isDark(palette())};
    look.font.setPointSizeF(QFontInfo(font()).pointSizeF());
    look.figureWidth = kPreviewWidth - 2 * kPreviewMargin;
    const ReportOptions options{
        .programVersion = LACUNA_VERSION, .time = utcNow(), .answers = m_answers->isChecked()};
    const RunId id = m_runs->currentData().toLongLong();
    m_making.start(
        [file = m_services.history.file(), id, look, options,
         gui = thread()](CancellableJob::Course&) -> Result<Made> {
            Result<Report> report =
                id == kBundled ? bundledReport(options) : reportOf(file, id, options);
            if (!report)
                return report.error();
            Made made{.report = std::move(report).value()};
            made.preview = std::make_shared<QTextDocument>();
            made.preview->setDocumentMargin(kPreviewMargin);
            made.preview->setTextWidth(kPreviewWidth);
            writeTextReport(*made.preview, made.report, look);
            made.preview->moveToThread(gui);
            return made;
        },
        [this](const Result<Made>& made) {
            if (std::exchange(m_again, false))
                return make();
            takeReport(made);
        });
    updateActions();
}

void ReportPage::takeReport(const Result<Made>& made)
{
    if (!made) {
        m_made.reset();
        showText(tr("This run cannot be read."));
        m_services.messages.show(MessageKind::Error, errorText(made.error()),
                                 errorDetails(made.error()));
        return;
    }
    const bool same = m_made && m_made->report.subtitle == made->report.subtitle;
    const int at = same ? m_browser->verticalScrollBar()->value() : 0;
    const std::optional<Made> before = std::exchange(m_made, *made);
    m_browser->setDocument(m_made->preview.get()); // the one before is still there
    m_browser->verticalScrollBar()->setValue(at);
    m_stack->setCurrentWidget(m_browser);
    updateActions();
}

void ReportPage::showText(const QString& text)
{
    m_text->setText(text);
    m_stack->setCurrentWidget(m_text);
    updateActions();
}

void ReportPage::updateActions()
{
    const bool ready = isVisible() && m_made && !m_making.isRunning() && !m_writing.isRunning();
    for (const QAction* action : m_actions)
        m_services.actions.setEnabled(action->objectName(), ready,
                                      m_writing.isRunning() ? tr("A report is being written.")
                                                            : tr("Open the Report page first."));
}

QString ReportPage::suggestedFile(const QString& ending) const
{
    static const QRegularExpression notForFiles(u"[^\\w .,-]+"_s,
                                                QRegularExpression::UseUnicodePropertiesOption);
    const QString name =
        QString::fromStdString(m_made->report.title).replace(notForFiles, u"-"_s).trimmed();
    return (name.isEmpty() ? u"report"_s : name) + ending;
}

void ReportPage::saveHtml()
{
    const QString file = m_services.prompts.chooseSaveFile(
        tr("Save the report"), suggestedFile(u".html"_s), tr("HTML pages (*.html)"));
    if (file.isEmpty())
        return;
    m_writing.start(
        [report = m_made->report, path = file.toStdString()](CancellableJob::Course&) -> Status {
            return writeFileAtomically(path, htmlReport(report));
        },
        [this, file](const Status& status) { tellSaved(status, file); });
    updateActions();
}

void ReportPage::savePdf()
{
    const QString file = m_services.prompts.chooseSaveFile(
        tr("Save the report"), suggestedFile(u".pdf"_s), tr("PDF files (*.pdf)"));
    if (file.isEmpty())
        return;
    m_writing.start([report = m_made->report, path = file.toStdString()](
                        CancellableJob::Course&) -> Status { return writePdfReport(report, path); },
                    [this, file](const Status& status) { tellSaved(status, file); });
    updateActions();
}

void ReportPage::tellSaved(const Status& status, const QString& file)
{
    updateActions();
    if (!status)
        m_services.messages.show(MessageKind::Error, errorText(status.error()),
                                 errorDetails(status.error()));
    else
        m_services.messages.show(MessageKind::Success, tr("Saved %1.").arg(file));
}

void ReportPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    switch (event->type()) {
    case QEvent::LanguageChange:
        retranslate();
        break;
    case QEvent::PaletteChange:
    case QEvent::FontChange:
        if (m_made)
            make();
        break;
    default:
        break;
    }
}

void ReportPage::retranslate()
{
    m_title->setText(tr("Report"));
    m_intro->setText(
        tr("One file for people who will never install this program. What you see here "
           "is what is saved; it is in English."));
    m_runLabel->setText(tr("Run"));
    m_runs->setAccessibleName(tr("Run that is reported"));
    m_runs->setToolTip(tr("The run that is reported, newest first."));
    m_answers->setText(tr("With answers"));
    m_answers->setToolTip(tr("Answers of the original may hold what was to be forgotten. Without "
                             "this the report says that they were left out."));
    m_browser->setAccessibleName(tr("Preview of the report"));
    Actions& actions = m_services.actions;
    actions.setText(u"report.save-html"_s, tr("Save as HTML\u2026"),
                    tr("Write the report as one page that any browser shows, without network."));
    actions.setText(u"report.save-pdf"_s, tr("Save as PDF\u2026"),
                    tr("Write the report on A4 pages."));
    updateActions();
}

} // namespace lacuna
