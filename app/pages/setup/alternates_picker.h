#pragma once

#include "core/corpora/alternates.h"
#include "core/run/recipe.h"

#include <QWidget>

namespace lacuna {

class PathPicker;
struct Services;

/// Where a method that reads other answers than the true ones gets them: its own source, or a file.
/// Hidden for the other methods.
class AlternatesPicker : public QWidget {
    Q_OBJECT

public:
    explicit AlternatesPicker(Services& services, QWidget* parent = nullptr);

    void follow(const Recipe& recipe);
    /// Of the file, when it cannot be used; empty: there is none, or it can.
    [[nodiscard]] const QString& problem() const { return m_problem; }

Q_SIGNALS:
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void choose(const QString& path);
    void read(const QString& path);
    void retranslate();

    Services& m_services;
    PathPicker* m_picker = nullptr;
    AnswerSource m_source = AnswerSource::None;
    QString m_problem;
};

} // namespace lacuna
