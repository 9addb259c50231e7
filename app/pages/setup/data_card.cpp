#include "app/pages/setup/data_card.h"

#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/setup/recent_paths.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "core/models/inspection.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/corpus_preview_view.h"
#include "widgets/form/note_line.h"
#include "widgets/form/prompt_template_box.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace lacuna {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr qint64 kSamplesAtOnce = 64;
constexpr qint64 kSamplesBefore = 16; ///< of them before the one asked for, to walk back to

/// As the run will read it: no sample is longer than the model's context.
Result<CorpusPreview> makePreview(const std::string& path, const std::string& model,
                                  PreviewOptions options)
{
    if (!model.empty())
        if (const auto inspection = inspectModel(model); inspection && inspection->config)
            options.maxLength = std::min(options.maxLength, inspection->config->context);
    return previewCorpus(path, model, options);
}

/// Of the corpora of general ability the first is chosen here.
CorpusSpec specOf(const Recipe& recipe, DataCard::Role role)
{
    switch (role) {
    case DataCard::Forget:
        return recipe.forget;
    case DataCard::Retain:
        return recipe.retain;
    case DataCard::Utility:
        return recipe.utility.empty() ? CorpusSpec{} : recipe.utility.front();
    case DataCard::Holdout:
        break;
    }
    return recipe.holdout;
}

void setSpec(Recipe& recipe, DataCard::Role role, const CorpusSpec& spec)
{
    switch (role) {
    case DataCard::Forget:
        recipe.forget = spec;
        break;
    case DataCard::Retain:
        recipe.retain = spec;
        break;
    case DataCard::Utility:
        if (!recipe.utility.empty())
            recipe.utility.erase(recipe.utility.begin());
        if (!spec.empty())
            recipe.utility.insert(recipe.utility.begin(), spec);
        break;
    case DataCard::Holdout:
        recipe.holdout = spec;
        break;
    }
}

} // namespace

DataCard::DataCard(Services& services, QWidget* parent) : SetupCard(services, parent)
{
    setObjectName(u"dataCard"_s);
    constexpr std::array kNames = {"forgetPicker", "retainPicker", "utilityPicker",
                                   "holdoutPicker"};
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        m_sets[i].picker = new PathPicker(PathPicker::Kind::File, this);
        m_sets[i].picker->setObjectName(QLatin1String(kNames[i]));
        body()->addWidget(m_sets[i].picker);
        connectPicker(m_sets[i]);
    }
    m_templateLabel = new QLabel(this);
    m_template = new PromptTemplateBox(this);
    m_template->setObjectName(u"templateBox"_s);
    m_templateLabel->setBuddy(m_template);
    m_templateHelp = secondaryText({});
    m_templateHelp->setObjectName(u"templateHelp"_s);
    m_templateNote = new NoteLine(this);
    m_templateNote->setObjectName(u"templateNote"_s);
    m_templateNote->hide();
    auto* templateRow = new QHBoxLayout;
    templateRow->setSpacing(8);
    templateRow->addWidget(m_templateLabel);
    templateRow->addWidget(m_template);
    templateRow->addWidget(m_templateHelp, 1);
    body()->addLayout(templateRow);
    body()->addWidget(m_templateNote);
    connect(m_template, &QComboBox::activated, this, [this] {
        this->services().workspace.edit(
            [this](Recipe& recipe) { recipe.promptTemplate = m_template->id().toStdString(); });
    });
    m_tabs = new QTabBar(this);
    m_tabs->setObjectName(u"previewTabs"_s);
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    for (std::size_t i = 0; i < m_sets.size(); ++i)
        m_tabs->addTab(QString());
    m_view = new CorpusPreviewView(this);
    m_view->setObjectName(u"preview"_s);
    body()->addWidget(m_tabs);
    body()->addWidget(m_view);
    m_timer.setSingleShot(true);
    m_timer.setInterval(200ms);
    connect(&m_timer, &QTimer::timeout, this, &DataCard::readStale);
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int tab) {
        m_wanted = tab;
        showPreview();
    });
    connect(m_view, &CorpusPreviewView::sampleRequested, this, [this](qint64 index) {
        read(m_sets[static_cast<std::size_t>(m_tabs->currentIndex())],
             std::max<qint64>(0, index - kSamplesBefore));
    });
    retranslate();
    updateRecent();
    showPreview();
}

void DataCard::follow(const Recipe& recipe)
{
    m_template->setId(QString::fromStdString(recipe.promptTemplate));
    showTemplate();
    const std::string& model = recipe.newModel ? recipe.newModel->tokenizer : recipe.model;
    bool anyStale = false;
    for (Set& set : m_sets) {
        const CorpusSpec spec = specOf(recipe, roleOf(set));
        const Source wanted{.path = QString::fromStdString(spec.path),
                            .model = QString::fromStdString(model),
                            .maxLength = recipe.training.maxLength,
                            .invalidRows = spec.invalidRows,
                            .passages = spec.passages,
                            .promptTemplate = recipe.promptTemplate};
        if (wanted == set.source)
            continue;
        if (wanted.path != set.source.path) {
            set.picker->setPath(wanted.path);
            set.picker->setRemedy({});
            set.read.reset();
        }
        set.source = wanted;
        set.stale = !wanted.path.isEmpty();
        anyStale = true;
    }
    if (!anyStale)
        return;
    m_timer.start();
    showPreview();
    Q_EMIT stateChanged();
}

CheckState DataCard::state(Role role) const
{
    const Set& set = m_sets[role];
    if (set.source.path.isEmpty())
        return CheckState::Missing;
    if (!set.read)
        return CheckState::Working;
    if (!*set.read)
        return CheckState::Problem;
    const CorpusPreview& preview = **set.read;
    const bool enough = set.source.invalidRows == InvalidRows::LeaveOut && preview.samples > 0;
    return preview.problems.errorCount() == 0 || enough ? CheckState::Done : CheckState::Problem;
}

QString DataCard::problem(Role role) const
{
    const Set& set = m_sets[role];
    if (!set.read)
        return {};
    if (!*set.read)
        return errorText(set.read->error());
    const Status status = (*set.read)->problems.status();
    return status ? QString() : errorText(status.error());
}

void DataCard::retranslate()
{
    setTitle(tr("2  Data"),
             tr("Files of questions and answers (JSON lines, JSON, CSV) or plain text."));
    set(Forget).picker->setTexts(title(Forget), tr("What the model is to forget. Drop a file."));
    set(Retain).picker->setTexts(title(Retain),
                                 tr("What it must still know afterwards. Drop a file."));
    set(Utility).picker->setTexts(tr("Utility set (optional)"),
                                  tr("General ability: measured, and never trained on."));
    set(Holdout).picker->setTexts(tr("Holdout set (optional)"),
                                  tr("Like the rest, but never trained on: to compare with."));
    for (int i = 0; i < m_tabs->count(); ++i)
        m_tabs->setTabText(i, title(static_cast<Role>(i)));
    m_tabs->setAccessibleName(tr("Set to look into"));
    m_templateLabel->setText(tr("Questions are put as"));
    m_template->setAccessibleName(tr("Template that questions and chats are put into"));
    showTemplate();
    for (Set& set : m_sets)
        showSet(set);
}

void DataCard::connectPicker(Set& set)
{
    connect(set.picker, &PathPicker::pathChosen, this,
            [this, &set](const QString& path) { choose(set, path); });
    connect(set.picker, &PathPicker::clearRequested, this, [this, &set] { choose(set, {}); });
    connect(set.picker, &PathPicker::remedyRequested, this,
            [this, &set] { toggleInvalidRows(set); });
    connect(set.picker, &PathPicker::browseRequested, this, [this, &set] {
        const QString start = set.source.path.isEmpty()
                                  ? recentPaths(services().settings, u"corpus"_s).value(0)
                                  : set.source.path;
        const QString path = services().prompts.chooseFile(
            set.picker->accessibleName(), start,
            tr("Corpora (*.jsonl *.json *.csv *.tsv *.txt *.md);;All files (*)"));
        if (!path.isEmpty())
            choose(set, path);
    });
}

void DataCard::choose(Set& set, const QString& path)
{
    if (!path.isEmpty() && path == set.source.path)
        set.source.path.clear(); // the same file again means that it has changed
    if (!path.isEmpty())
        m_wanted = roleOf(set);
    services().workspace.edit(
        [&](Recipe& recipe) { setSpec(recipe, roleOf(set), {path.toStdString()}); });
}

void DataCard::toggleInvalidRows(Set& set)
{
    services().workspace.edit([&](Recipe& recipe) {
        CorpusSpec spec = specOf(recipe, roleOf(set));
        spec.invalidRows =
            spec.invalidRows == InvalidRows::Refuse ? InvalidRows::LeaveOut : InvalidRows::Refuse;
        setSpec(recipe, roleOf(set), spec);
    });
}

void DataCard::readStale()
{
    for (Set& set : m_sets)
        if (set.stale)
            read(set, 0);
}

void DataCard::read(Set& set, qint64 firstSample)
{
    set.stale = false;
    services().background.run(
        this,
        [source = set.source, firstSample] {
            return makePreview(source.path.toStdString(), source.model.toStdString(),
                               {.maxLength = source.maxLength,
                                .promptTemplate = source.promptTemplate,
                                .passages = source.passages,
                                .firstSample = firstSample,
                                .count = kSamplesAtOnce});
        },
        [this, &set, source = set.source](Result<CorpusPreview> preview) {
            if (set.source != source)
                return; // a later one is on its way
            if (preview) {
                rememberPath(services().settings, u"corpus"_s, source.path);
                updateRecent();
            }
            set.read = std::move(preview);
            showSet(set);
            showPreview();
            Q_EMIT stateChanged();
        });
}

void DataCard::showSet(Set& set)
{
    if (!set.read)
        return;
    const Role role = roleOf(set);
    if (state(role) == CheckState::Problem) {
        const auto usable = *set.read ? (*set.read)->usableRows : 0;
        set.picker->setState(PathPicker::State::Problem, problem(role));
        set.picker->setRemedy(usable > 0
                                  ? tr("Use the %Ln valid rows", nullptr, static_cast<int>(usable))
                                  : QString());
        return;
    }
    const CorpusPreview& preview = **set.read;
    const auto errors = static_cast<int>(preview.problems.errorCount());
    set.picker->setRemedy(errors > 0 ? tr("Ask for every row again") : QString());
    QStringList facts = {tr("%Ln samples", nullptr, static_cast<int>(preview.samples))};
    if (preview.lengths)
        facts += tr("%1 tokens").arg(locale().toString(qint64{preview.tokens}));
    if (errors > 0)
        facts += tr("rows with %Ln errors left out", nullptr, errors);
    if (const auto warnings = preview.problems.warningCount(); warnings > 0)
        facts += tr("%Ln warnings", nullptr, static_cast<int>(warnings));
    set.picker->setState(PathPicker::State::Ok, facts.join(u" · "_s));
}

void DataCard::showPreview()
{
    const auto hasFile = [this](int tab) {
        return !m_sets[static_cast<std::size_t>(tab)].source.path.isEmpty();
    };
    {
        const QSignalBlocker silent(
            m_tabs); // disabling the current tab brings another to the front
        int first = -1;
        for (int i = m_tabs->count() - 1; i >= 0; --i) {
            m_tabs->setTabEnabled(i, hasFile(i));
            first = hasFile(i) ? i : first;
        }
        m_tabs->setVisible(first >= 0);
        m_tabs->setCurrentIndex(first < 0 || hasFile(m_wanted) ? m_wanted : first);
    }
    const Set& shown = m_sets[static_cast<std::size_t>(std::max(0, m_tabs->currentIndex()))];
    const bool readable = shown.read && *shown.read;
    showTemplate();
    m_view->setVisible(readable);
    if (readable)
        m_view->setPreview(**shown.read);
}

void DataCard::showTemplate()
{
    m_templateHelp->setText(m_template->help());
    const Set* refused = nullptr;
    for (const Set& set : m_sets)
        if (!set.source.path.isEmpty() && set.read && *set.read && (*set.read)->templateProblem)
            refused = &set;
    m_templateNote->setVisible(refused != nullptr);
    if (refused)
        m_templateNote->setNote(MessageKind::Error,
                                tr("The template cannot be used: %1")
                                    .arg(errorText(*(*refused->read)->templateProblem)));
}

void DataCard::updateRecent()
{
    const QStringList recent = recentPaths(services().settings, u"corpus"_s);
    for (Set& set : m_sets)
        set.picker->setRecent(recent);
}

QString DataCard::title(Role role) const
{
    switch (role) {
    case Forget:
        return tr("Forget set");
    case Retain:
        return tr("Retain set");
    case Utility:
        return tr("Utility set");
    case Holdout:
        return tr("Holdout set");
    }
    return {};
}

} // namespace lacuna
