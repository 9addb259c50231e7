#include "app/application.h"

#include "app/error_text.h"
#include "app/main_window.h"
#include "app/services.h"
#include "widgets/base/colors.h"
#include "widgets/base/theme.h"
#include "widgets/form/message_bar.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QLibraryInfo>

#include <nlohmann/json.hpp>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kRecipeKey = "workspace/recipe";

} // namespace

std::filesystem::path resourcesFolder()
{
    const QString asked = qEnvironmentVariable("LACUNA_RESOURCES");
    if (!asked.isEmpty())
        return asked.toStdString();
    const QDir installed(QCoreApplication::applicationDirPath() + u"/../share/lacuna"_s);
    if (installed.exists(u"sample"_s))
        return installed.canonicalPath().toStdString();
    return LACUNA_SOURCE_RESOURCES;
}

Application::Application(const Places& places, Prompts& prompts)
    : m_settings(places.settingsFile), m_history(places.data / "history.sqlite", m_background),
      m_run({.store = places.data / "history.sqlite", .runsFolder = places.data / "runs"}),
      m_probes(m_run)
{
    applyTheme();
    applyLanguage();
    restoreWorkspace();
    connect(&m_settings, &Settings::themeChanged, this, &Application::applyTheme);
    connect(&m_systemTheme, &SystemTheme::changed, this, &Application::applyTheme);
    connect(&m_settings, &Settings::languageChanged, this, &Application::applyLanguage);
    connect(&m_run, &RunController::started, &m_history, &History::announce);
    connect(&m_run, &RunController::ended, &m_history, &History::announce);
    m_window = std::make_unique<MainWindow>(
        Services{.actions = m_actions,
                 .background = m_background,
                 .history = m_history,
                 .messages = *new MessageBar, // the window takes it in and owns it from then on
                 .probes = m_probes,
                 .prompts = prompts,
                 .run = m_run,
                 .settings = m_settings,
                 .workspace = m_workspace});
    connect(m_window.get(), &MainWindow::pathDropped, this, &Application::open);
    connect(&m_workspace, &Workspace::recipeChanged, this, [this] {
        m_settings.setValue(QString::fromLatin1(kRecipeKey),
                            QString::fromStdString(m_workspace.draft().toJson().dump()));
    });
}

Application::~Application() = default;

bool Application::isBusy() const
{
    return m_background.pending() > 0 || m_probes.isAnswering();
}

void Application::open(const QString& path)
{
    const QFileInfo info(path);
    const std::string absolute = info.absoluteFilePath().toStdString();
    if (info.isDir()) {
        m_window->openModel(info.absoluteFilePath());
        return;
    }
    if (info.suffix() == u"json" && readDraft(absolute)) {
        m_window->openRecipe(info.absoluteFilePath());
        return;
    }
    // A second corpus is the one to keep: the first is what is to be forgotten.
    m_workspace.edit([&](Recipe& recipe) {
        (recipe.forget.empty() ? recipe.forget : recipe.retain) = {absolute};
    });
    m_window->showPage(u"setup"_s);
}

void Application::restoreWorkspace()
{
    const QString stored = m_settings.value(QString::fromLatin1(kRecipeKey)).toString();
    if (stored.isEmpty()) { // the first start: the setup is filled with what can be run at once
        if (Result<Recipe> lesson = readRecipe(resourcesFolder() / "recipes" / "lesson.json"))
            m_workspace.setRecipe(std::move(lesson).value());
        return;
    }
    const Json document = Json::parse(stored.toStdString(), nullptr, false);
    // What an older version has written may be refused: then the setup starts anew.
    if (Result<RecipeDraft> draft = parseDraft(document, {}); !document.is_discarded() && draft)
        m_workspace.open(std::move(draft).value());
}

void Application::applyTheme()
{
    const QString theme = m_settings.theme();
    lacuna::applyTheme(*qApp, theme == u"dark" || (theme == u"system" && m_systemTheme.isDark()));
}

void Application::applyLanguage()
{
    const QString chosen = m_settings.language();
    const QLocale locale = chosen.isEmpty() ? QLocale::system() : QLocale(chosen);
    QLocale::setDefault(locale);
    QCoreApplication::removeTranslator(&m_english);
    QCoreApplication::removeTranslator(&m_translator);
    QCoreApplication::removeTranslator(&m_qtTranslator);
    // Singular and plural where no other language knows better.
    if (m_english.load(u":/i18n/lacuna_en.qm"_s))
        QCoreApplication::installTranslator(&m_english);
    if (m_qtTranslator.load(locale, u"qtbase"_s, u"_"_s,
                            QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qtTranslator);
    if (m_translator.load(locale, u"lacuna"_s, u"_"_s, u":/i18n"_s))
        QCoreApplication::installTranslator(&m_translator);
    QGuiApplication::setLayoutDirection(locale.textDirection());
}

} // namespace lacuna
