#pragma once

#include "widgets/base/prompts.h"

#include <QStringList>

#include <functional>

namespace lacuna {

/// Answers every question as the test says, and remembers what was asked.
class ScriptedPrompts : public Prompts {
public:
    bool answer = true;
    QString path;
    QStringList asked;                         ///< titles
    std::function<void()> whileAsking = [] {}; ///< what happens before somebody answers

    bool confirm(const QString& title, const QString&, const QString&) override
    {
        asked << title;
        whileAsking();
        return answer;
    }
    QString chooseFolder(const QString& title, const QString&) override { return ask(title); }
    QString chooseFile(const QString& title, const QString&, const QString&) override
    {
        return ask(title);
    }
    QString chooseSaveFile(const QString& title, const QString&, const QString&) override
    {
        return ask(title);
    }

private:
    QString ask(const QString& title)
    {
        asked << title;
        return path;
    }
};

} // namespace lacuna
