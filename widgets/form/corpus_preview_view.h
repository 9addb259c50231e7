#pragma once

#include "core/corpora/preview.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTextEdit;

namespace lacuna {

class LengthChart;
class ProblemTable;

/// What a corpus holds: its counts, one sample at a time with the scored tokens marked, the lengths
/// of all of them, and its problems. Values in by setPreview().
class CorpusPreviewView : public QWidget {
    Q_OBJECT

public:
    explicit CorpusPreviewView(QWidget* parent = nullptr);

    /// Stays at the sample that it showed when \p preview holds that one, of the same file.
    void setPreview(const CorpusPreview& preview);
    /// Position of the sample in sight; -1: none.
    [[nodiscard]] qint64 current() const;

Q_SIGNALS:
    /// The sample is not among those that setPreview() gave.
    void sampleRequested(qint64 index);

protected:
    void changeEvent(QEvent* event) override;

private:
    void go(qint64 index);
    void showSample();
    void showFacts();
    void retranslate();

    CorpusPreview m_preview;
    qint64 m_current = 0;
    QLabel* m_facts = nullptr;
    QLabel* m_tokenizerNote = nullptr;
    QTextEdit* m_text = nullptr;
    QLabel* m_legend = nullptr;
    QLabel* m_chosen = nullptr; ///< of a preference pair
    QLabel* m_where = nullptr;
    QPushButton* m_previous = nullptr;
    QPushButton* m_next = nullptr;
    QLabel* m_chartTitle = nullptr;
    LengthChart* m_chart = nullptr;
    QLabel* m_problemTitle = nullptr;
    ProblemTable* m_problems = nullptr;
};

} // namespace lacuna
