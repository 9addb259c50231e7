#pragma once

#include "app/pages/page.h"

#include <QList>

class QLabel;
class QPushButton;
class QRadioButton;

namespace lacuna {

/// The bundled lessons: choose one, run it, watch. Each is a recipe on the bundled sample that ends
/// in well under a minute on two cores.
class LessonPage : public Page {
    Q_OBJECT

public:
    explicit LessonPage(QWidget* parent = nullptr);

Q_SIGNALS:
    /// \param recipe  name of a file in resources/recipes
    void runRequested(const QString& recipe);
    void setupRequested(const QString& recipe);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Entry {
        QString recipe;
        QRadioButton* choice;
        QLabel* text;
    };

    void addLesson(const QString& id, const QString& recipe);
    [[nodiscard]] QString chosen() const;
    void retranslate();

    QLabel* m_title;
    QLabel* m_intro;
    QList<Entry> m_entries;
    QPushButton* m_run;
    QPushButton* m_setup;
};

} // namespace lacuna
