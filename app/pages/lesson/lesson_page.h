#pragma once

#include "app/pages/page.h"

#include <QList>

#include <optional>

class QLabel;
class QLayout;
class QPushButton;
class QRadioButton;
class QSlider;

namespace lacuna {

/// The bundled lessons: choose one, run it, watch. Each is a recipe on the bundled sample that ends
/// in well under a minute on two cores.
class LessonPage : public Page {
    Q_OBJECT

public:
    explicit LessonPage(QWidget* parent = nullptr);

Q_SIGNALS:
    /// \param recipe  name of a file in resources/recipes
    /// \param guess   the share of the rest that will still be known, if one was made
    void runRequested(const QString& recipe, std::optional<double> guess);
    void setupRequested(const QString& recipe);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Entry {
        QString recipe;
        QRadioButton* choice;
        QLabel* text;
    };

    [[nodiscard]] QLayout* makeGuess();
    void addLesson(const QString& id, const QString& recipe);
    [[nodiscard]] QString chosen() const;
    void retranslate();
    void showGuess();

    QLabel* m_title;
    QLabel* m_intro;
    QList<Entry> m_entries;
    QLabel* m_question;
    QSlider* m_slider;
    QLabel* m_guessText;
    std::optional<double> m_guess;
    QPushButton* m_run;
    QPushButton* m_setup;
};

} // namespace lacuna
