#include "app/pages/probe/probe_page.h"

#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/probe/guardrail_form.h"
#include "app/pages/probe/lens_dialog.h"
#include "app/pages/probe/question_form.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/prompt_template_box.h"
#include "widgets/text/model_mark.h"
#include "widgets/text/probe_pane.h"

#include <QDir>
#include <QEvent>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kButtonRoom = 16;   ///< beside the words; the style leaves little
constexpr int kMostPrompt = 2000; ///< characters of a prompt that a tool tip shows
/// With a folder of their own.
constexpr std::array kRoles = {ModelRole::Original, ModelRole::Current, ModelRole::Reference};

std::size_t indexOf(ModelRole role)
{
    return static_cast<std::size_t>(role);
}

/// The last two parts of a path: "sample/original".
QString shortPath(const QString& folder)
{
    const QFileInfo info(QDir::cleanPath(folder));
    const QString parent = info.dir().dirName();
    return parent.isEmpty() || info.fileName().isEmpty() ? folder : parent + u'/' + info.fileName();
}

/// What a run left to ask: its adapter where that finds the model that it changes, since an adapter
/// can be scaled; the whole model otherwise. Empty: nothing.
QString resultFolder(const RunRecord& record)
{
    if (record.run.folder.empty())
        return {};
    const QString run = QString::fromStdString(record.run.folder);
    const QString base = QString::fromStdString(record.recipe.model);
    if (record.recipe.scope.adapter && QFileInfo(run + u"/adapter"_s).isDir() &&
        QFileInfo(base + u"/config.json"_s).isFile())
        return run + u"/adapter"_s;
    const QString model = run + u"/model"_s;
    return QFileInfo(model).isDir() ? model : QString();
}

} // namespace

ProbePage::ProbePage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_form(new QuestionForm(services.settings)),
      m_guardrail(new GuardrailForm), m_stack(new QStackedWidget), m_pane(new ProbePane),
      m_emptyTitle(heading({}, 2)), m_emptyText(secondaryText({})), m_emptyChoose(new QPushButton),
      m_emptySetup(new QPushButton), m_stopShortcut(new QShortcut(Qt::Key_Escape, this))
{
    setObjectName(u"probePage"_s);
    m_pane->setObjectName(u"probePane"_s);
    m_pane->setModelsEditable(true);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_pane);
    m_stack->addWidget(buildEmptyState());
    m_stack->addWidget(scroll);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 16, 24, 16);
    layout->setSpacing(16);
    layout->addWidget(m_form);
    layout->addWidget(m_guardrail);
    layout->addWidget(m_stack, 1);

    m_stopShortcut->setContext(Qt::WidgetWithChildrenShortcut);
    m_stopShortcut->setEnabled(false);
    connect(m_stopShortcut, &QShortcut::activated, this, &ProbePage::stop);
    connectForm();
    connectPane();
    connectServices();
    m_pane->setView(static_cast<ProbePane::View>(
        std::clamp(services.settings.value(u"probe/view"_s, 0).toInt(), 0, 1)));
    retranslate();
}

QWidget* ProbePage::buildEmptyState()
{
    m_emptyChoose->setObjectName(u"chooseOriginalButton"_s);
    m_emptyChoose->setProperty("primary", true);
    m_emptySetup->setObjectName(u"goToSetupButton"_s);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setMaximumWidth(520);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(16);
    buttons->addStretch();
    buttons->addWidget(m_emptyChoose);
    buttons->addWidget(m_emptySetup);
    buttons->addStretch();
    auto* page = new QFrame;
    page->setProperty("card", true);
    auto* layout = new QVBoxLayout(page);
    layout->setSpacing(16);
    layout->addStretch();
    layout->addWidget(m_emptyTitle, 0, Qt::AlignHCenter);
    auto* text = new QHBoxLayout;
    text->addStretch();
    text->addWidget(m_emptyText, 1);
    text->addStretch();
    layout->addLayout(text);
    layout->addLayout(buttons);
    layout->addStretch();
    connect(m_emptyChoose, &QPushButton::clicked, this,
            [this] { chooseModel(ModelRole::Original); });
    connect(m_emptySetup, &QPushButton::clicked, this,
            [this] { Q_EMIT pageRequested(u"setup"_s); });
    return page;
}

void ProbePage::connectForm()
{
    connect(m_form, &QuestionForm::asked, this, &ProbePage::start);
    connect(m_form, &QuestionForm::stopRequested, this, &ProbePage::stop);
    connect(m_form, &QuestionForm::lensRequested, this, &ProbePage::lookInside);
    connect(m_form, &QuestionForm::templateChosen, this, [this] {
        m_sent = {};
        showTemplates();
    });
    connect(m_guardrail, &GuardrailForm::changed, this, &ProbePage::useGuardrail);
    connect(m_form, &QuestionForm::pinRequested, this, [this](const QString& prompt) {
        m_services.workspace.edit([&prompt](Recipe& recipe) {
            auto& probes = recipe.evaluation.probes;
            const std::string text = prompt.toStdString();
            if (std::find(probes.begin(), probes.end(), text) == probes.end())
                probes.push_back(text);
        });
    });
}

void ProbePage::connectPane()
{
    connect(m_pane, &ProbePane::chooseModelRequested, this, &ProbePage::chooseModel);
    connect(m_pane, &ProbePane::clearModelRequested, this, [this](ModelRole role) {
        if (role == ModelRole::Guarded)
            m_guardrail->chooseNone();
        else
            setModel(role, {});
    });
    connect(m_pane, &ProbePane::folderDropped, this, [this](ModelRole role, const QString& folder) {
        setModel(role == ModelRole::Guarded ? ModelRole::Original : role, folder);
    });
    connect(m_pane, &ProbePane::amountChanged, this,
            [this](ModelRole, double factor) { useAmount(factor); });
    connect(m_pane, &ProbePane::viewChosen, this, [this](ProbePane::View view) {
        m_services.settings.setValue(u"probe/view"_s, static_cast<int>(view));
    });
}

void ProbePage::connectServices()
{
    const auto whenVisible = [this](auto follow) {
        return [this, follow] {
            if (isVisible())
                (this->*follow)();
        };
    };
    connect(&m_services.workspace, &Workspace::recipeChanged, this,
            whenVisible(&ProbePage::updateModels));
    RunController& run = m_services.run;
    connect(&run, &RunController::started, this, whenVisible(&ProbePage::updateModels));
    connect(&run, &RunController::ended, this, whenVisible(&ProbePage::updateModels));
    connect(&run, &RunController::progressed, this, whenVisible(&ProbePage::updateStep));

    // Answers are taken when the page is hidden too: the pane shows them when it comes back.
    ProbeService& probes = m_services.probes;
    connect(&probes, &ProbeService::modelsChanged, this, whenVisible(&ProbePage::updateColumns));
    connect(&probes, &ProbeService::answerStarted, this,
            [this](std::uint64_t request, ModelRole role) {
                if (!isCurrent(request))
                    return;
                m_open.insert(role);
                m_pane->start(role);
            });
    connect(&probes, &ProbeService::modelLoading, this,
            [this](std::uint64_t request, ModelRole role) {
                if (isCurrent(request))
                    m_pane->showLoading(role);
            });
    connect(&probes, &ProbeService::promptSent, this,
            [this](std::uint64_t request, ModelRole role, const SentPrompt& sent) {
                if (!isCurrent(request))
                    return;
                m_sent.at(indexOf(role)) = sent;
                if (role == ModelRole::Guarded)
                    showGuarded();
                else
                    showTemplate(role);
            });
    connect(&probes, &ProbeService::tokenArrived, this,
            [this](std::uint64_t request, ModelRole role, const ProbeAnswer::Token& token,
                   const QString& text) {
                if (isCurrent(request))
                    m_pane->appendToken(role, token, text);
            });
    connect(&probes, &ProbeService::answerFinished, this,
            [this](std::uint64_t request, ModelRole role, const ProbeAnswer& answer, qint64 step) {
                if (isCurrent(request))
                    finish(role, answer, step);
            });
    connect(&probes, &ProbeService::answerFailed, this,
            [this](std::uint64_t request, ModelRole role, const Error& error) {
                if (isCurrent(request))
                    fail(role, error);
            });
}

void ProbePage::shown()
{
    updateModels();
}

void ProbePage::ask(const QString& prompt)
{
    updateModels();
    m_form->setPrompt(prompt);
    m_form->submit();
}

void ProbePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void ProbePage::retranslate()
{
    m_emptyTitle->setText(tr("Ask a model before and after"));
    m_emptyText->setText(
        tr("Put one question to the original model, to the one that has unlearned and, where there "
           "is one, to a reference that never learned it. Start with the folder of a model, or set "
           "an experiment up."));
    m_emptyChoose->setText(tr("Choose a model folder…"));
    m_emptySetup->setText(tr("Set an experiment up"));
    m_emptySetup->setMinimumWidth(m_emptySetup->sizeHint().width() + kButtonRoom);
    updateColumns();
}

/// The folders that the columns have unless the person chooses others.
ProbePage::Folders ProbePage::defaultFolders() const
{
    const Recipe& recipe = m_services.workspace.recipe();
    return {QString::fromStdString(recipe.model), resultFolder(m_services.run.record()),
            QString::fromStdString(recipe.reference)};
}

/// Follows the experiment: a default that changed replaces what the person had chosen before.
void ProbePage::updateModels()
{
    const Folders defaults = defaultFolders();
    Folders folders = m_folders;
    for (std::size_t i = 0; i < folders.size(); ++i)
        if (!m_modelsSet || defaults.at(i) != m_defaults.at(i))
            folders.at(i) = defaults.at(i);
    m_defaults = defaults;
    if (!m_modelsSet || folders != m_folders) {
        m_folders = folders;
        m_modelsSet = true;
        m_services.probes.setModels(folders.at(0), folders.at(1), folders.at(2));
    }
    const Recipe& recipe = m_services.workspace.recipe();
    m_guardrail->setCorpora(recipe.forget.path, recipe.retain.path);
    updateColumns();
    updatePinned();
}

void ProbePage::updateColumns()
{
    const std::array reasons = {
        tr("No original model. Choose the folder of the model as it was before unlearning."),
        tr("No unlearned model yet. Start a run, or choose the folder of a finished one."),
        tr("No reference model. It is one that was trained without the forget set.")};
    bool any = false;
    for (const ModelRole role : kRoles) {
        const QString& folder = m_folders.at(indexOf(role));
        const bool available = m_services.probes.isAvailable(role);
        any = any || available;
        m_pane->setAvailable(role, available, reasons.at(indexOf(role)));
        m_pane->setModel(role, captionOf(role), folder);
    }
    m_guardrail->setVisible(any);
    updateStep();
    lookAtFolders();
    showTemplates();
    m_stack->setCurrentIndex(any ? 1 : 0);
    m_form->setAskable(any ? QString() : tr("Choose a model first"));
}

QString ProbePage::captionOf(ModelRole role) const
{
    const QString& folder = m_folders.at(indexOf(role));
    if (folder.isEmpty())
        return {};
    if (role == ModelRole::Current && folder == m_defaults.at(indexOf(role)))
        return tr("result of “%1”").arg(QString::fromStdString(m_services.run.record().run.name));
    return shortPath(folder);
}

/// While a run is on, it is the run's model that answers.
void ProbePage::updateStep()
{
    const RunController& run = m_services.run;
    if (!run.isActive())
        return;
    const qint64 step = run.lastStep() ? run.lastStep()->step : 0;
    m_pane->setModel(ModelRole::Current, tr("run at step %1").arg(step),
                     QString::fromStdString(run.record().run.name));
}

void ProbePage::lookAtFolders()
{
    for (const ModelRole role : kRoles) {
        const std::size_t at = indexOf(role);
        const QString folder = m_folders.at(at);
        if (folder == m_lookedAt.at(at))
            continue;
        m_lookedAt.at(at) = folder;
        m_looks.at(at).reset();
        m_sent.at(at).reset();
        if (role == ModelRole::Current)
            m_pane->setAmount(role, 1); // as the service begins with it
        if (folder.isEmpty())
            continue;
        m_services.background.run(
            this, [path = folder.toStdString()] { return askedFolder(path); },
            [this, at, folder](AskedFolder look) {
                if (m_lookedAt.at(at) != folder)
                    return;
                m_looks.at(at) = std::move(look);
                showTemplates();
            });
    }
}

void ProbePage::showTemplates()
{
    const auto hasTemplate = [](const std::optional<AskedFolder>& look) {
        return look && look->own.state() != ChatTemplate::State::None;
    };
    m_form->setModelTemplate(std::any_of(m_looks.begin(), m_looks.end(), hasTemplate)
                                 ? QString()
                                 : tr("None of the models here has a chat template"));
    for (const ModelRole role : kRoles)
        showTemplate(role);
    showAmount();
    showGuarded();
}

void ProbePage::showAmount()
{
    const auto& look = m_looks.at(indexOf(ModelRole::Current));
    QString reason;
    if (isOfRun(ModelRole::Current))
        reason = tr("While a run goes on, its model answers as it is.");
    else if (m_folders.at(indexOf(ModelRole::Current)).isEmpty())
        reason = tr("There is no unlearned model yet.");
    else if (!look)
        reason = tr("The model's folder is being read…");
    else if (!look->isAdapter && m_folders.at(indexOf(ModelRole::Original)).isEmpty())
        reason = tr("Choose the original too: what was done to its weights can then be scaled.");
    m_pane->setScalable(ModelRole::Current, reason);
}

/// The amount is the model's; what was asked is asked again, of this model alone.
void ProbePage::useAmount(double factor)
{
    m_services.probes.setAmount(ModelRole::Current, factor);
    if (m_request == 0)
        return;
    m_services.probes.askAgain(ModelRole::Current);
    showAnswering();
}

/// Answers from behind another guardrail are none of this one's.
void ProbePage::useGuardrail()
{
    m_services.probes.setGuardrail(m_guardrail->request());
    m_sent.at(indexOf(ModelRole::Guarded)).reset();
    if (!m_open.contains(ModelRole::Guarded))
        m_pane->column(ModelRole::Guarded)->clear();
    showGuarded();
}

/// The column of the original behind the guardrail.
void ProbePage::showGuarded()
{
    constexpr ModelRole kRole = ModelRole::Guarded;
    const QString title = m_guardrail->title();
    m_pane->setGuarded(!title.isEmpty());
    const QString problem = m_guardrail->problem();
    m_pane->setAvailable(kRole, m_services.probes.isAvailable(kRole),
                         problem.isEmpty() ? tr("No original model to stand before.") : problem);
    m_pane->setModel(kRole, title, title);
    const std::optional<SentPrompt>& sent = m_sent.at(indexOf(kRole));
    if (!sent)
        m_pane->setTemplate(kRole, {}, {}, false);
    else if (sent->bypassed)
        m_pane->setTemplate(kRole, tr("⚠ raw prompt: bypasses the guardrail"),
                            tr("This guardrail acts on questions. A raw prompt does not come by "
                               "it, and the model answers as it always did."),
                            true);
    else
        showSent(kRole, *sent);
}

/// What was sent, or what would be.
void ProbePage::showTemplate(ModelRole role)
{
    const std::size_t at = indexOf(role);
    if (!m_services.probes.isAvailable(role)) {
        m_pane->setTemplate(role, {}, {}, false);
        return;
    }
    if (m_sent.at(at)) {
        showSent(role, *m_sent.at(at));
        return;
    }
    showSent(role, expectedPrompt(role));
}

SentPrompt ProbePage::expectedPrompt(ModelRole role) const
{
    const std::size_t at = indexOf(role);
    SentPrompt expected;
    const AskedFolder look = m_looks.at(at).value_or(AskedFolder{});
    if (!m_form->isRaw()) {
        expected.promptTemplate = templateOf(role).toStdString();
        if (expected.promptTemplate.empty())
            expected.promptTemplate = look.trained.value_or(kDefaultPromptFormat);
    }
    if (expected.promptTemplate == kModelTemplate && m_looks.at(at) &&
        look.own.state() != ChatTemplate::State::Usable) {
        expected.promptTemplate.clear();
        expected.problem =
            look.own.state() == ChatTemplate::State::Unusable
                ? look.own.problem()
                : Error{.code = ErrorCode::NotFound, .message = "the folder has no chat template"};
    }
    return expected;
}

void ProbePage::showSent(ModelRole role, const SentPrompt& sent)
{
    QString text = sent.problem ? tr("⚠ raw prompt: %1").arg(errorText(*sent.problem))
                   : sent.promptTemplate.empty()
                       ? tr("raw prompt")
                       : tr("asked as: %1").arg(promptTemplateTitle(sent.promptTemplate));
    if (!sent.guardrail.empty())
        text = tr("%1 · %2").arg(QString::fromStdString(sent.guardrail), text);
    QString toolTip = text;
    if (!sent.text.empty()) {
        QString prompt = QString::fromStdString(sent.text);
        if (prompt.size() > kMostPrompt)
            prompt = prompt.left(kMostPrompt) + u'…';
        toolTip += u"\n\n"_s + tr("What the model read:") + u'\n' + prompt;
    }
    // Markers such as <|user|> are no markup.
    m_pane->setTemplate(role, text, Qt::convertFromPlainText(toolTip), sent.problem.has_value());
}

QString ProbePage::templateOf(ModelRole role) const
{
    if (QString chosen = m_form->promptTemplate(); !chosen.isEmpty())
        return chosen;
    if (m_folders.at(indexOf(role)) != m_defaults.at(indexOf(role)) && !isOfRun(role))
        return {};
    const Recipe& recipe =
        role == ModelRole::Current ? m_services.run.record().recipe : m_services.workspace.recipe();
    return QString::fromStdString(recipe.promptTemplate);
}

bool ProbePage::isOfRun(ModelRole role) const
{
    return role == ModelRole::Current && m_services.run.isActive();
}

void ProbePage::updatePinned()
{
    QStringList prompts;
    for (const std::string& prompt : m_services.workspace.recipe().evaluation.probes)
        prompts << QString::fromStdString(prompt);
    m_form->setPinned(prompts);
}

void ProbePage::chooseModel(ModelRole role)
{
    const QString folder = m_services.prompts.chooseFolder(
        tr("Choose a model folder: %1").arg(modelName(role)), m_folders.at(indexOf(role)));
    if (!folder.isEmpty())
        setModel(role, folder);
}

void ProbePage::setModel(ModelRole role, const QString& folder)
{
    m_folders.at(indexOf(role)) = folder;
    m_services.probes.setModels(m_folders.at(0), m_folders.at(1), m_folders.at(2));
    updateColumns();
}

void ProbePage::start(const ProbeQuestion& question)
{
    m_question = question;
    m_originalAnswer.clear();
    for (const ModelRole role : kRoles)
        m_question.templates.at(indexOf(role)) = templateOf(role);
    m_sent = {};
    showTemplates();
    m_open.clear();
    m_pane->clear();
    m_asking = true;
    m_request = m_services.probes.ask(m_question);
    m_asking = false;
    showAnswering();
}

void ProbePage::stop()
{
    m_pane->expectStop();
    m_services.probes.stop();
}

void ProbePage::lookInside()
{
    std::vector<LensDialog::Subject> subjects;
    for (const ModelRole role : kRoles)
        if (const QString& folder = m_folders.at(indexOf(role)); !folder.isEmpty())
            subjects.push_back(
                {.role = role,
                 .folder = folder,
                 .promptTemplate = QString::fromStdString(expectedPrompt(role).promptTemplate)});
    if (subjects.empty()) { // a run alone answers, and its model is busy
        m_services.messages.show(MessageKind::Info,
                                 tr("Choose the folder of a model to look inside."));
        return;
    }
    const QString prompt = m_form->question().prompt;
    const QString answer = prompt == m_question.prompt ? m_originalAnswer : QString();
    (new LensDialog(std::move(subjects), prompt, answer, this))->open();
}

bool ProbePage::isCurrent(std::uint64_t request)
{
    if (m_asking)
        m_request = request;
    return request == m_request;
}

void ProbePage::finish(ModelRole role, const ProbeAnswer& answer, qint64 step)
{
    m_pane->finish(role, answer, step);
    if (role == ModelRole::Original)
        m_originalAnswer = QString::fromStdString(answer.text).trimmed();
    close(role);
}

void ProbePage::fail(ModelRole role, const Error& error)
{
    m_pane->fail(role, errorText(error));
    m_services.messages.show(MessageKind::Error,
                             tr("%1: %2").arg(modelName(role), errorText(error)),
                             errorDetails(error));
    close(role);
}

void ProbePage::close(ModelRole role)
{
    m_open.erase(role);
    showAnswering();
}

void ProbePage::showAnswering()
{
    m_form->setAnswering(!m_open.empty());
    m_stopShortcut->setEnabled(!m_open.empty());
}

} // namespace lacuna
