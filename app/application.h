#pragma once

#include "app/actions.h"
#include "app/background.h"
#include "app/history.h"
#include "app/probe_service.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/system_theme.h"
#include "app/workspace.h"

#include <QObject>
#include <QTranslator>

#include <filesystem>
#include <memory>

namespace lacuna {

class MainWindow;
class Prompts;

/// The bundled sample, recipes and lessons: $LACUNA_RESOURCES, else beside the installed program,
/// else in the source tree that the program was built from.
[[nodiscard]] std::filesystem::path resourcesFolder();

/// Owns whatever outlives the window: settings, history, the run, the models that are probed. One a
/// process; GUI thread only.
class Application : public QObject {
    Q_OBJECT

public:
    struct Places {
        std::filesystem::path data; ///< history and run folders
        QString settingsFile;       ///< empty: the user's own place
    };

    /// \param prompts  outlives it
    Application(const Places& places, Prompts& prompts);
    ~Application() override;

    [[nodiscard]] MainWindow& window() { return *m_window; }
    [[nodiscard]] Settings& settings() { return m_settings; }
    [[nodiscard]] Workspace& workspace() { return m_workspace; }
    [[nodiscard]] History& history() { return m_history; }
    [[nodiscard]] RunController& run() { return m_run; }
    [[nodiscard]] Actions& actions() { return m_actions; }

    /// Whether files are being read or a model answers.
    [[nodiscard]] bool isBusy() const;

    /// Opens what a person hands over: a model folder, a recipe, a corpus.
    void open(const QString& path);

private:
    void restoreWorkspace();
    void applyTheme();
    void applyLanguage();

    SystemTheme m_systemTheme;
    Settings m_settings;
    Background m_background;
    Workspace m_workspace;
    History m_history;
    RunController m_run;
    ProbeService m_probes;
    Actions m_actions;
    QTranslator m_english;
    QTranslator m_translator;
    QTranslator m_qtTranslator;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace lacuna
