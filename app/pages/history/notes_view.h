#pragma once

#include "core/store/records.h"

#include <QStringList>
#include <QTimer>
#include <QWidget>

#include <map>
#include <optional>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace lacuna {

/// What a person writes about a run: its name, a note, tags. Saved by the button, when the focus
/// leaves, when typing pauses, and before another run is shown. What could not be saved is kept and
/// shown again when its run is.
class NotesView : public QWidget {
    Q_OBJECT

public:
    struct Words {
        QString name;
        QString note;
        QStringList tags; ///< sorted

        [[nodiscard]] bool operator==(const Words&) const = default;
    };
    /// Only what has changed.
    struct Edit {
        RunId run = 0;
        std::optional<QString> name;
        std::optional<QString> note;
        std::optional<QStringList> tags;
    };

    explicit NotesView(QWidget* parent = nullptr);
    ~NotesView() override;

    /// A refresh of the run that is shown leaves alone what is being typed.
    void setRun(const Run& run);
    void clear();
    /// Tags to complete from.
    void setKnownTags(const QStringList& tags);
    /// Asks to save what has changed, if anything has.
    void flush();
    /// How a saveRequested() of \p run ended.
    void saved(RunId run);
    void saveFailed(RunId run);

Q_SIGNALS:
    void saveRequested(const lacuna::NotesView::Edit& edit);

protected:
    void changeEvent(QEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    [[nodiscard]] Words typed() const;
    void showWords(const Words& words);
    void noteTyping();
    void showState();
    void retranslate();

    std::optional<RunId> m_run;
    Words m_stored;                   ///< as far as is known, in the history
    std::map<RunId, Words> m_unsaved; ///< what is not yet known to be in the history
    bool m_failed = false;            ///< the last attempt
    QTimer m_pause;

    QLabel* m_nameTitle;
    QLineEdit* m_name;
    QLabel* m_tagsTitle;
    QLineEdit* m_tags;
    QLabel* m_noteTitle;
    QPlainTextEdit* m_note;
    QPushButton* m_save;
    QLabel* m_state;
};

} // namespace lacuna
