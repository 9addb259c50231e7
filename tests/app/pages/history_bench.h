#pragma once

#include "app/actions.h"
#include "app/background.h"
#include "app/history.h"
#include "app/probe_service.h"
#include "app/run_controller.h"
#include "app/services.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "core/store/store.h"
#include "tests/support/scripted_prompts.h"
#include "widgets/form/message_bar.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <filesystem>
#include <string>

namespace lacuna {

/// What a page needs, over a copy of the bundled history in a folder of its own.
class HistoryBench {
public:
    explicit HistoryBench(bool filled = true)
        : history(path("history.sqlite"), background),
          run({.store = path("history.sqlite"), .runsFolder = path("runs")}),
          probes(run), services{.actions = actions,
                                .background = background,
                                .history = history,
                                .messages = messages,
                                .probes = probes,
                                .prompts = prompts,
                                .run = run,
                                .settings = settings,
                                .workspace = workspace}
    {
        // The bundled run names its model relative to the project: nowhere, seen from here.
        QDir::setCurrent(folder.path());
        if (filled)
            std::filesystem::copy_file(std::filesystem::path(RESOURCES_DIR) /
                                           "sample/experiment.sqlite",
                                       path("history.sqlite"));
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name) const
    {
        return std::filesystem::path(folder.path().toStdString()) / name;
    }
    [[nodiscard]] Store store() const
    {
        return Store::open(path("history.sqlite"), OpenMode::CreateIfMissing).value();
    }
    /// A copy of the bundled run's row without what it measured, newer than the original; of two,
    /// the one with fewer \p hours is the newer.
    [[nodiscard]] Run add(const std::string& name, int hours = 0) const
    {
        Store file = store();
        Run copy = file.run(1).value();
        copy.name = name;
        copy.uid.clear();
        copy.createdAt = utcText(kLater - std::chrono::hours(hours));
        return file.createRun(copy).value();
    }
    /// A run whose process is gone, with a folder and a checkpoint of step 24.
    [[nodiscard]] Run addInterrupted(const std::string& name) const
    {
        const Run made = add(name);
        Store file = store();
        const std::filesystem::path runFolder = path("runs") / made.uid;
        std::filesystem::create_directories(runFolder / "checkpoints" / "step-000012");
        std::filesystem::create_directories(runFolder / "checkpoints" / "step-000024");
        file.setFolder(made.id, runFolder.string()).value();
        file.setProgress(made.id, 30, 48).value();
        (void)file.claim(made.id, kNoProcess).value();
        file.setState(made.id, RunState::Running).value();
        return file.run(made.id).value();
    }

    /// Whenever the bundled run was made, this is later.
    static constexpr std::chrono::sys_days kLater{std::chrono::year(2099) / 1 / 1};
    /// Above what a process id can be.
    static constexpr std::int64_t kNoProcess = 0x3fffffff;

    QTemporaryDir folder;
    Background background;
    Settings settings{folder.filePath(QStringLiteral("settings.ini"))};
    Workspace workspace;
    Actions actions;
    MessageBar messages;
    ScriptedPrompts prompts;
    History history;
    RunController run;
    ProbeService probes;
    Services services;
};

} // namespace lacuna
