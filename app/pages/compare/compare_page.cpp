#include "app/pages/compare/compare_page.h"

#include "app/error_text.h"
#include "app/history.h"
#include "app/pages/compare/answer_rows_view.h"
#include "app/pages/compare/compare_runs.h"
#include "app/pages/compare/curves_view.h"
#include "app/pages/compare/metric_deltas_view.h"
#include "app/pages/compare/run_colors.h"
#include "app/pages/compare/settings_view.h"
#include "app/pages/compare/trade_off_view.h"
#include "app/pages/run/chart_saving.h"
#include "app/settings.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/message_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRefreshPauseMs = 120;
constexpr int kReloadPauseMs = 300;
constexpr std::size_t kNewest = 10;
constexpr int kReadingWidth = 520;
constexpr qsizetype kUidLetters = 6;
/// What was compared last, so that it is there again after a restart.
const QString kSessionKey = u"compare/session"_s;

QString uidOf(const ComparedEntry& entry)
{
    return QString::fromStdString(entry.run->run.uid);
}

/// What all runs of \p entries begin with, if they are of one group, which is then no help.
std::string sharedBeginning(const std::vector<ComparedEntry>& entries)
{
    if (entries.size() < 2 || entries.front().run->run.group.empty())
        return {};
    const std::string beginning = entries.front().run->run.group + ": ";
    const bool shared = std::ranges::all_of(entries, [&](const ComparedEntry& entry) {
        const std::string& name = entry.run->run.name;
        return name.starts_with(beginning) && name.size() > beginning.size();
    });
    return shared ? beginning : std::string();
}

/// Names as recorded, without the group where all are of one; of several runs with one name each
/// also has the beginning of its id.
void nameRuns(std::vector<ComparedEntry>& entries)
{
    const std::size_t shared = sharedBeginning(entries).size();
    std::map<std::string, int> count;
    for (const ComparedEntry& entry : entries)
        ++count[entry.run->run.name];
    for (ComparedEntry& entry : entries) {
        const std::string& name = entry.run->run.name;
        entry.name = QString::fromStdString(name.substr(shared));
        if (name.empty() || count[name] > 1)
            entry.name += (name.empty() ? u""_s : u" "_s) + uidOf(entry).left(kUidLetters);
    }
}

} // namespace

ComparePage::ComparePage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_loader(services.history, services.background),
      m_stack(new QStackedWidget), m_title(heading({}, 1)), m_viewName(new QLabel),
      m_views(new CalmComboBox(this)), m_saveView(new QPushButton), m_removeView(new QPushButton),
      m_runs(new CompareRuns), m_tabs(new QTabWidget), m_settings(new SettingsView),
      m_metrics(new MetricDeltasView), m_curves(new CurvesView), m_tradeOff(new TradeOffView),
      m_answers(new AnswerRowsView)
{
    m_stack->addWidget(makeEmptyPage());
    m_stack->addWidget(makeComparison());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_stack, 1);
    m_refreshing.setSingleShot(true);
    m_refreshing.setInterval(kRefreshPauseMs);
    m_reloading.setSingleShot(true);
    m_reloading.setInterval(kReloadPauseMs);
    connectParts();
    connectViews();
    offerViews({});
    retranslate();
}

ComparePage::~ComparePage() = default;

QWidget* ComparePage::makeEmptyPage()
{
    m_emptyTitle = heading({}, 2);
    m_emptyTitle->setObjectName(u"compareEmptyTitle"_s);
    m_emptyTitle->setAlignment(Qt::AlignCenter);
    m_emptyText = secondaryText({});
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setFixedWidth(kReadingWidth);
    m_emptyChoose = new QPushButton;
    m_emptyChoose->setObjectName(u"compareChoose"_s);
    m_emptyNewest = new QPushButton;
    m_emptyNewest->setObjectName(u"compareNewest"_s);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    buttons->addWidget(m_emptyChoose);
    buttons->addWidget(m_emptyNewest);
    buttons->addStretch();
    // An aligned label would get the height that its words take in the whole width.
    auto* text = new QHBoxLayout;
    text->addStretch();
    text->addWidget(m_emptyText);
    text->addStretch();
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setSpacing(16);
    layout->addStretch();
    layout->addWidget(m_emptyTitle);
    layout->addLayout(text);
    layout->addLayout(buttons);
    layout->addStretch();
    return page;
}

QWidget* ComparePage::makeViewRow()
{
    m_views->setObjectName(u"compareViews"_s);
    m_views->setEditable(true);
    m_views->setInsertPolicy(QComboBox::NoInsert);
    m_views->setMinimumWidth(200);
    m_viewName->setBuddy(m_views);
    m_saveView->setObjectName(u"saveView"_s);
    m_removeView->setObjectName(u"removeView"_s);
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_title, 1);
    layout->addWidget(m_viewName);
    layout->addWidget(m_views);
    layout->addWidget(m_saveView);
    layout->addWidget(m_removeView);
    return row;
}

QWidget* ComparePage::makeComparison()
{
    m_tabs->setObjectName(u"compareTabs"_s);
    m_tabs->setDocumentMode(true);
    const std::array<std::pair<QWidget*, const char*>, TabCount> tabs = {{{m_settings, "settings"},
                                                                          {m_metrics, "metrics"},
                                                                          {m_curves, "curves"},
                                                                          {m_tradeOff, "trade-off"},
                                                                          {m_answers, "answers"}}};
    for (const auto& [widget, name] : tabs) {
        widget->setObjectName(QString::fromLatin1(name));
        m_tabs->addTab(widget, QString());
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    row->addWidget(m_runs);
    row->addWidget(m_tabs, 1);
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(makeViewRow());
    layout->addLayout(row, 1);
    return page;
}

void ComparePage::connectParts()
{
    const auto chooseRuns = [this] { Q_EMIT pageRequested(u"history"_s); };
    connect(m_emptyChoose, &QPushButton::clicked, this, chooseRuns);
    connect(m_emptyNewest, &QPushButton::clicked, this, &ComparePage::compareNewest);
    connect(m_runs, &CompareRuns::addRequested, this, chooseRuns);
    connect(m_runs, &CompareRuns::runChosen, this, [this](RunId id) {
        choose(id);
        refreshTab();
    });
    connect(m_runs, &CompareRuns::runActivated, this, &ComparePage::runRequested);
    connect(m_runs, &CompareRuns::pinRequested, this, &ComparePage::pin);
    connect(m_runs, &CompareRuns::removeRequested, this, &ComparePage::removeRun);
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        refreshTab();
        keepSession();
    });
    connect(&m_loader, &ComparisonLoader::progressed, this, [this] {
        showProgress();
        if (!m_refreshing.isActive())
            m_refreshing.start();
    });
    connect(&m_loader, &ComparisonLoader::failed, this, [this](RunId id, const Error& error) {
        std::erase(m_ids, id);
        if (error.code != ErrorCode::NotFound) // one that was deleted is simply gone
            m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
        if (id == m_pinned)
            load();
    });
    connect(&m_refreshing, &QTimer::timeout, this, &ComparePage::take);
    connect(&m_reloading, &QTimer::timeout, this, &ComparePage::reload);
    connect(&m_services.history, &History::changed, this, [this] {
        m_historyChanged = true;
        if (isVisible())
            m_reloading.start();
    });
}

void ComparePage::connectViews()
{
    connect(m_metrics, &MetricDeltasView::runChosen, this, &ComparePage::choose);
    connect(m_tradeOff, &TradeOffView::runChosen, this, &ComparePage::choose);
    connect(m_tradeOff, &TradeOffView::runActivated, this, &ComparePage::runRequested);
    connect(m_answers, &AnswerRowsView::runChosen, this, &ComparePage::choose);
    connect(m_settings, &SettingsView::choiceChanged, this, &ComparePage::keepSession);
    connect(m_tradeOff, &TradeOffView::axesChosen, this, &ComparePage::keepSession);
    connect(m_curves, &CurvesView::seriesChosen, this, &ComparePage::keepSession);
    connect(
        m_curves, &CurvesView::exportRequested, this,
        [this](LiveChart* chart, ChartFormat format) { saveChart(m_services, *chart, format); });
    connect(m_views, &QComboBox::activated, this, &ComparePage::openNamed);
    connect(m_views->lineEdit(), &QLineEdit::returnPressed, this, &ComparePage::openNamed);
    connect(m_views, &QComboBox::editTextChanged, this, [this](const QString& name) {
        m_saveView->setEnabled(!name.trimmed().isEmpty());
        m_removeView->setEnabled(viewNames(m_services.settings).contains(name.trimmed()));
    });
    connect(m_saveView, &QPushButton::clicked, this, [this] {
        const QString name = m_views->currentText().trimmed();
        saveView(m_services.settings, name, view());
        offerViews(name);
        m_services.messages.show(MessageKind::Success,
                                 tr("The view \u201c%1\u201d is kept.").arg(name));
    });
    connect(m_removeView, &QPushButton::clicked, this, [this] {
        lacuna::removeView(m_services.settings, m_views->currentText().trimmed());
        offerViews({});
    });
}

void ComparePage::shown()
{
    if (!std::exchange(m_restored, true) && m_ids.empty())
        applyView(CompareView::fromMap(m_services.settings.value(kSessionKey).toMap()));
    else if (m_historyChanged)
        reload();
    refreshTab();
}

void ComparePage::setRuns(const std::vector<RunId>& ids)
{
    m_restored = true;
    m_ids.clear();
    for (const RunId id : ids)
        if (std::ranges::find(m_ids, id) == m_ids.end())
            m_ids.push_back(id);
    m_pinned = m_ids.empty() ? 0 : m_ids.front();
    m_comparison.current = 0;
    load();
}

void ComparePage::load()
{
    if (std::ranges::find(m_ids, m_pinned) == m_ids.end())
        m_pinned = m_ids.empty() ? 0 : m_ids.front();
    m_loader.load(m_ids, m_pinned);
    m_stack->setCurrentIndex(m_ids.empty() ? 0 : 1);
}

void ComparePage::reload()
{
    m_reloading.stop();
    m_historyChanged = false;
    m_loader.forget();
    load();
}

/// Shows what has been read so far.
void ComparePage::take()
{
    std::vector<ComparedEntry> entries = m_loader.entries();
    nameRuns(entries);
    QStringList uids;
    for (const ComparedEntry& entry : entries)
        uids << uidOf(entry);
    const std::vector<int> colors = rememberedColors(uids, m_services.settings);
    m_comparison.pinned = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i].overlay = colors[i];
        if (entries[i].run->run.id == m_pinned)
            m_comparison.pinned = i;
    }
    m_comparison.runs = std::move(entries);
    if (m_ids.empty())
        m_stack->setCurrentIndex(0);
    m_stale.fill(true);
    m_runs->show(m_comparison);
    showProgress();
    refreshTab();
    if (isComplete() && !m_ids.empty())
        keepSession();
}

void ComparePage::refreshTab()
{
    const auto tab = static_cast<std::size_t>(m_tabs->currentIndex());
    if (!isVisible() || tab >= TabCount || !std::exchange(m_stale.at(tab), false))
        return;
    switch (tab) {
    case Settings_:
        return m_settings->show(m_comparison);
    case Metrics:
        return m_metrics->show(m_comparison);
    case Curves:
        return m_curves->show(m_comparison);
    case TradeOffs:
        return m_tradeOff->show(m_comparison);
    default:
        return m_answers->show(m_comparison);
    }
}

void ComparePage::choose(RunId id)
{
    if (id == m_comparison.current)
        return;
    m_comparison.current = id;
    m_runs->setCurrent(id);
    // Where it was chosen it is shown already; the rest follows when it is looked at.
    m_stale[Curves] = m_stale[TradeOffs] = m_stale[Answers] = true;
}

void ComparePage::pin(RunId id)
{
    m_pinned = id;
    load();
}

void ComparePage::removeRun(RunId id)
{
    std::erase(m_ids, id);
    if (m_comparison.current == id)
        m_comparison.current = 0;
    load();
}

void ComparePage::compareNewest()
{
    m_services.history.list(this, [this](const Result<std::vector<RunOverview>>& runs) {
        if (!runs)
            return m_services.messages.show(MessageKind::Error, errorText(runs.error()),
                                            errorDetails(runs.error()));
        std::vector<RunId> ids;
        for (const RunOverview& overview : *runs)
            if (ids.size() < kNewest && isEnded(overview.run.state))
                ids.push_back(overview.run.id);
        if (ids.empty())
            m_services.messages.show(MessageKind::Info,
                                     tr("No run has ended yet. Start one in the setup."));
        std::ranges::reverse(ids); // the oldest is the one to measure the others against
        setRuns(ids);
    });
}

void ComparePage::showProgress()
{
    const std::vector<ComparedEntry> entries = m_loader.entries();
    QString text;
    if (m_loader.isBusy())
        text = entries.size() < m_loader.wanted()
                   ? tr("Reading %1 of %2\u2026").arg(entries.size() + 1).arg(m_loader.wanted())
                   : tr("Working out differences\u2026");
    m_runs->setProgress(text);
}

CompareView ComparePage::view() const
{
    CompareView view{.pinned = {},
                     .tab = m_tabs->currentWidget()->objectName(),
                     .series = m_curves->series(),
                     .axes = m_tradeOff->axes(),
                     .onlyDifferences = m_settings->onlyDifferences(),
                     .ignored = m_settings->ignored()};
    for (const ComparedEntry& entry : m_comparison.runs) {
        view.runs << uidOf(entry);
        if (entry.run->run.id == m_pinned)
            view.pinned = uidOf(entry);
    }
    return view;
}

void ComparePage::applyView(const CompareView& view)
{
    if (view.runs.isEmpty())
        return;
    m_settings->setIgnored(view.ignored);
    m_settings->setOnlyDifferences(view.onlyDifferences);
    m_tradeOff->setAxes(view.axes);
    if (!view.series.isEmpty())
        m_curves->setSeries(view.series);
    for (int tab = 0; tab < m_tabs->count(); ++tab)
        if (m_tabs->widget(tab)->objectName() == view.tab)
            m_tabs->setCurrentIndex(tab);
    m_services.history.list(this, [this, view](const Result<std::vector<RunOverview>>& runs) {
        if (!runs)
            return m_services.messages.show(MessageKind::Error, errorText(runs.error()),
                                            errorDetails(runs.error()));
        std::map<QString, RunId> known;
        for (const RunOverview& overview : *runs)
            known[QString::fromStdString(overview.run.uid)] = overview.run.id;
        std::vector<RunId> ids;
        for (const QString& uid : view.runs)
            if (known.contains(uid))
                ids.push_back(known.at(uid));
        setRuns(ids);
        if (known.contains(view.pinned))
            pin(known.at(view.pinned));
    });
}

void ComparePage::openNamed()
{
    if (const auto kept = savedView(m_services.settings, m_views->currentText()))
        applyView(*kept);
}

void ComparePage::offerViews(const QString& chosen)
{
    m_views->clear();
    m_views->addItems(viewNames(m_services.settings));
    m_views->setCurrentIndex(m_views->findText(chosen));
    m_views->setEditText(chosen);
    m_saveView->setEnabled(!chosen.isEmpty());
    m_removeView->setEnabled(!chosen.isEmpty());
}

void ComparePage::keepSession()
{
    if (!m_comparison.runs.empty())
        m_services.settings.setValue(kSessionKey, view().toMap());
}

void ComparePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void ComparePage::retranslate()
{
    m_title->setText(tr("Compare"));
    m_emptyTitle->setText(tr("Nothing to compare yet"));
    m_emptyText->setText(tr("Select two runs or more in the history and press Compare: you see "
                            "which settings differ, what that did to forgetting and to what is "
                            "kept, and what the models answer."));
    m_emptyChoose->setText(tr("Choose runs in the history"));
    m_emptyNewest->setText(tr("Compare the newest runs"));
    m_viewName->setText(tr("View"));
    m_views->setAccessibleName(m_viewName->text());
    m_views->lineEdit()->setAccessibleName(m_viewName->text());
    m_views->setAccessibleName(tr("View"));
    m_views->lineEdit()->setPlaceholderText(tr("Name of a view"));
    m_views->setToolTip(tr("Choose a view that was kept, or give this one a name."));
    m_saveView->setText(tr("Keep"));
    m_saveView->setToolTip(tr("Keep runs, pinned run, tab and choices under this name."));
    m_removeView->setText(tr("Forget"));
    m_removeView->setToolTip(tr("Forget the view of this name; the runs stay."));
    m_tabs->setAccessibleName(tr("What is compared"));
    m_tabs->setTabText(Settings_, tr("Settings"));
    m_tabs->setTabText(Metrics, tr("Metrics"));
    m_tabs->setTabText(Curves, tr("Curves"));
    m_tabs->setTabText(TradeOffs, tr("Trade-off"));
    m_tabs->setTabText(Answers, tr("Answers"));
}

} // namespace lacuna
