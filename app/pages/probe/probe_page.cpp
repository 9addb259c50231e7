#include "app/pages/probe/probe_page.h"

#include "app/error_text.h"
#include "app/pages/probe/question_form.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "widgets/base/prompts.h"
#include "widgets/base/theme.h"
#include "widgets/form/message_bar.h"
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
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kButtonRoom = 16; ///< beside the words; the style leaves little
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

} // namespace

ProbePage::ProbePage(Services& services, QWidget* parent)
    : Page(parent), m_services(services), m_form(new QuestionForm(services.settings)),
      m_stack(new QStackedWidget), m_pane(new ProbePane), m_emptyTitle(heading({}, 2)),
      m_emptyText(secondaryText({})), m_emptyChoose(new QPushButton), m_emptySetup(new QPushButton),
      m_stopShortcut(new QShortcut(Qt::Key_Escape, this))
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
    connect(m_pane, &ProbePane::clearModelRequested, this,
            [this](ModelRole role) { setModel(role, {}); });
    connect(m_pane, &ProbePane::folderDropped, this, &ProbePage::setModel);
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
    const std::string& run = m_services.run.record().run.folder;
    const QString result = run.empty() ? QString() : QString::fromStdString(run) + u"/model"_s;
    return {QString::fromStdString(recipe.model), QFileInfo(result).isDir() ? result : QString(),
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
    updateStep();
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
    m_open.clear();
    m_pane->clear();
    m_asking = true;
    m_request = m_services.probes.ask(question);
    m_asking = false;
    m_form->setAnswering(!m_open.empty());
    m_stopShortcut->setEnabled(!m_open.empty());
}

void ProbePage::stop()
{
    m_pane->expectStop();
    m_services.probes.stop();
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
    m_form->setAnswering(!m_open.empty());
    m_stopShortcut->setEnabled(!m_open.empty());
}

} // namespace lacuna
