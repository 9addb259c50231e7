#pragma once

#include "core/probe/text_diff.h"
#include "core/store/records.h"

#include <QString>
#include <QTextCharFormat>
#include <QWidget>

class QLabel;

namespace lacuna {

class ChoiceBar;
class MarkedText;

/// One answer compared with another, to read, select and copy. What only the original says is
/// tinted blue and struck through, what only the other says is tinted and underlined; a flag stands
/// where they first differ. It can show what both share instead.
class AnswerDiff : public QWidget {
    Q_OBJECT

public:
    enum class Emphasis : std::uint8_t { Differences, Matches };

    explicit AnswerDiff(QWidget* parent = nullptr);

    [[nodiscard]] MarkedText* view() const { return m_view; }
    [[nodiscard]] Emphasis emphasis() const { return m_emphasis; }
    [[nodiscard]] DiffUnit unit() const { return m_unit; }
    /// What stands under the text: how much differs, and from where on.
    [[nodiscard]] QString summary() const;

    /// Whose answer is shown. The original's is compared with the unlearned's, any other with the
    /// original's. Initially the unlearned's.
    void setRole(ModelRole role);
    /// Both texts in one, what only one of them says side by side. Off, only \p text of setTexts().
    /// Initially on.
    void setMerged(bool merged);
    /// \param partial  one of them is still being written: they are compared as far as both go
    void setTexts(const QString& text, const QString& other, bool partial = false);
    /// The answer alone, nothing marked.
    void setText(const QString& text);
    void setEmphasis(Emphasis emphasis);
    void setUnit(DiffUnit unit);
    /// Hidden where something else holds the switches for several of these.
    void setControlsVisible(bool visible);

Q_SIGNALS:
    void emphasisChosen(lacuna::AnswerDiff::Emphasis emphasis);
    void unitChosen(lacuna::DiffUnit unit);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void refresh();
    void refreshCompared();
    [[nodiscard]] QTextCharFormat formatOf(DiffKind kind) const;
    [[nodiscard]] QString summaryOf(const TextDiff& diff) const;

    MarkedText* m_view;
    QLabel* m_summary;
    QWidget* m_controls;
    ChoiceBar* m_emphasisBar;
    ChoiceBar* m_unitBar;
    QString m_text;
    QString m_other;
    ModelRole m_role = ModelRole::Current;
    Emphasis m_emphasis = Emphasis::Differences;
    DiffUnit m_unit = DiffUnit::Word;
    bool m_compared = false;
    bool m_merged = true;
    bool m_partial = false;
};

} // namespace lacuna
