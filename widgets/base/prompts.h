#pragma once

#include <QString>

namespace lacuna {

/// Every question that the program asks before it destroys something, so that tests can answer.
class Prompts {
public:
    virtual ~Prompts() = default;
    /// \param action  the verb on the button that goes ahead: "Discard run"
    /// \return whether to go ahead
    [[nodiscard]] virtual bool confirm(const QString& title, const QString& question,
                                       const QString& action) = 0;
    /// \return an empty path when the person thinks better of it
    [[nodiscard]] virtual QString chooseFolder(const QString& title, const QString& start) = 0;
    [[nodiscard]] virtual QString chooseFile(const QString& title, const QString& start,
                                             const QString& filter) = 0;
    [[nodiscard]] virtual QString chooseSaveFile(const QString& title, const QString& start,
                                                 const QString& filter) = 0;
};

} // namespace lacuna
