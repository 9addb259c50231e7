#pragma once

#include "app/application.h"
#include "app/main_window.h"
#include "tests/core/run/small_run.h"
#include "tests/support/scripted_prompts.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace lacuna {

/// The whole window on a data folder of its own, for a test to inherit.
class WindowBench {
protected:
    static constexpr int kPatience = 60'000;

    void open()
    {
        // What the offscreen platform always says about window sizes is no fault of ours.
        QTest::failOnWarning(QRegularExpression(
            QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
        m_folder = std::make_unique<QTemporaryDir>();
        m_prompts = {};
        start();
    }
    void close()
    {
        m_app.reset();
        m_folder.reset();
    }
    /// Anew, in the same folder.
    void start()
    {
        m_app.reset();
        m_app = std::make_unique<Application>(
            Application::Places{.data = m_folder->path().toStdString(),
                                .settingsFile = m_folder->filePath(QStringLiteral("settings.ini"))},
            m_prompts);
        m_app->window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&m_app->window()));
        m_app->window().activateWindow();
    }
    template <class T> T* child(const char* name)
    {
        return m_app->window().findChild<T*>(QString::fromLatin1(name));
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers)
    {
        QTest::keyClick(&m_app->window(), key, modifiers);
    }
    void useSmallRecipe(int steps = kSmallSteps)
    {
        Json recipe = smallRecipe();
        recipe["training"]["steps"] = steps;
        m_app->workspace().setRecipe(parseRecipe(recipe, {}).value());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    ScriptedPrompts m_prompts;
    std::unique_ptr<Application> m_app;
};

} // namespace lacuna
