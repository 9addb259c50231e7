#include "widgets/text/answer_diff.h"

#include "core/probe/text_pieces.h"
#include "widgets/base/colors.h"
#include "widgets/base/theme.h"
#include "widgets/text/choice_bar.h"
#include "widgets/text/marked_text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// Pieces that a person would count: no spaces, and by word no punctuation.
int countIn(const std::string& text, DiffUnit unit)
{
    const auto pieces = unit == DiffUnit::Word ? splitWords(text) : splitCharacters(text);
    return static_cast<int>(
        std::count_if(pieces.begin(), pieces.end(), [unit](std::string_view piece) {
            const char32_t first =
                QString::fromUtf8(piece.data(), static_cast<qsizetype>(piece.size()))
                    .toUcs4()
                    .value(0);
            return unit == DiffUnit::Word ? QChar::isLetterOrNumber(first) : !QChar::isSpace(first);
        }));
}

int countOf(const TextDiff& diff, DiffKind kind, DiffUnit unit)
{
    int count = 0;
    for (const TextDiff::Run& run : diff.runs)
        count += run.kind == kind ? countIn(run.text, unit) : 0;
    return count;
}

} // namespace

AnswerDiff::AnswerDiff(QWidget* parent)
    : QWidget(parent), m_view(new MarkedText), m_summary(secondaryText({})),
      m_controls(new QWidget),
      m_emphasisBar(new ChoiceBar({u"differencesButton"_s, u"matchesButton"_s})),
      m_unitBar(new ChoiceBar({u"wordsButton"_s, u"charactersButton"_s}))
{
    m_view->setObjectName(u"answerText"_s);
    m_summary->setObjectName(u"diffSummary"_s);
    auto* controls = new QHBoxLayout(m_controls);
    controls->setContentsMargins(0, 0, 0, 0);
    controls->setSpacing(8);
    controls->addWidget(m_emphasisBar);
    controls->addWidget(m_unitBar);
    controls->addStretch();

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_controls);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_summary);

    connect(m_emphasisBar, &ChoiceBar::chosen, this, [this](int index) {
        setEmphasis(static_cast<Emphasis>(index));
        Q_EMIT emphasisChosen(m_emphasis);
    });
    connect(m_unitBar, &ChoiceBar::chosen, this, [this](int index) {
        setUnit(static_cast<DiffUnit>(index));
        Q_EMIT unitChosen(m_unit);
    });
    retranslate();
}

QString AnswerDiff::summary() const
{
    return m_summary->text();
}

void AnswerDiff::setRole(ModelRole role)
{
    m_role = role;
    refresh();
}

void AnswerDiff::setMerged(bool merged)
{
    m_merged = merged;
    refresh();
}

void AnswerDiff::setTexts(const QString& text, const QString& other, bool partial)
{
    m_partial = partial;
    m_text = MarkedText::withPlainLineEnds(text);
    m_other = MarkedText::withPlainLineEnds(other);
    m_compared = true;
    refresh();
}

void AnswerDiff::setText(const QString& text)
{
    m_text = MarkedText::withPlainLineEnds(text);
    m_other.clear();
    m_compared = false;
    refresh();
}

void AnswerDiff::setEmphasis(Emphasis emphasis)
{
    m_emphasis = emphasis;
    m_emphasisBar->setChoice(static_cast<int>(emphasis));
    refresh();
}

void AnswerDiff::setUnit(DiffUnit unit)
{
    m_unit = unit;
    m_unitBar->setChoice(static_cast<int>(unit));
    refresh();
}

void AnswerDiff::setControlsVisible(bool visible)
{
    m_controls->setVisible(visible);
}

void AnswerDiff::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    else if (event->type() == QEvent::PaletteChange)
        refresh();
}

void AnswerDiff::retranslate()
{
    m_emphasisBar->setTexts(tr("What is marked"), {tr("Differences"), tr("Matches")});
    m_unitBar->setTexts(tr("Compared by"), {tr("Words"), tr("Characters")});
    m_view->setAccessibleName(tr("Answer"));
    refresh();
}

void AnswerDiff::refresh()
{
    if (m_compared) {
        refreshCompared();
        return;
    }
    m_view->setRanges({});
    m_view->setMark({});
    m_view->setText(m_text);
    m_summary->clear();
    m_view->setAccessibleDescription({});
}

void AnswerDiff::refreshCompared()
{
    const bool ofOriginal = m_role == ModelRole::Original;
    std::string first = (ofOriginal ? m_text : m_other).toStdString();
    std::string second = (ofOriginal ? m_other : m_text).toStdString();
    std::string tail;
    if (m_partial) {
        const ComparableParts parts = comparableParts(first, second, m_unit);
        tail = ofOriginal ? first.substr(parts.first) : second.substr(parts.second);
        first.resize(parts.first);
        second.resize(parts.second);
    }
    const TextDiff diff = diffTexts(first, second, m_unit);
    const DiffKind foreign = ofOriginal ? DiffKind::OnlySecond : DiffKind::OnlyFirst;

    QString text;
    std::vector<MarkedText::Range> ranges;
    for (const TextDiff::Run& run : diff.runs) {
        if (run.kind == foreign && !m_merged)
            continue;
        const QString part = QString::fromStdString(run.text);
        const bool equal = run.kind == DiffKind::Equal;
        if (equal == (m_emphasis == Emphasis::Matches)) {
            // White space at its ends is left unmarked, unless there is nothing else.
            const QString core = part.trimmed();
            const qsizetype lead = core.isEmpty() ? 0 : part.indexOf(core);
            MarkedText::Range range{.begin = text.size() + lead,
                                    .length = core.isEmpty() ? part.size() : core.size(),
                                    .format = formatOf(run.kind)};
            if (m_merged && !equal) {
                const bool lost = run.kind == DiffKind::OnlyFirst;
                range.before = lost ? u"[-"_s : u"{+"_s;
                range.after = lost ? u"-]"_s : u"+}"_s;
            }
            ranges.push_back(std::move(range));
        }
        text += part;
    }
    text += QString::fromStdString(tail);
    m_view->setText(text);
    m_view->setRanges(std::move(ranges));
    std::optional<qsizetype> mark;
    if (diff.divergence)
        mark = QString::fromUtf8(first.data(), static_cast<qsizetype>(*diff.divergence)).size();
    m_view->setMark(mark);
    m_summary->setText(summaryOf(diff));
    m_view->setAccessibleDescription(m_summary->text());
}

QTextCharFormat AnswerDiff::formatOf(DiffKind kind) const
{
    QTextCharFormat format;
    format.setForeground(themeColor(ColorRole::Text, *this));
    switch (kind) {
    case DiffKind::Equal:
        format.setBackground(themeColor(ColorRole::Border, *this));
        format.setUnderlineStyle(QTextCharFormat::DotLine);
        break;
    case DiffKind::OnlyFirst:
        format.setBackground(themeColor(ColorRole::OriginalTint, *this));
        format.setFontStrikeOut(true);
        break;
    case DiffKind::OnlySecond:
        format.setBackground(themeColor(
            m_role == ModelRole::Current ? ColorRole::UnlearnedTint : ColorRole::Border, *this));
        format.setUnderlineStyle(QTextCharFormat::SingleUnderline);
        break;
    }
    return format;
}

QString AnswerDiff::summaryOf(const TextDiff& diff) const
{
    const bool words = m_unit == DiffUnit::Word;
    if (m_emphasis == Emphasis::Matches) {
        const int count = countOf(diff, DiffKind::Equal, m_unit);
        return words ? tr("%n words in both", nullptr, count)
                     : tr("%n characters in both", nullptr, count);
    }
    if (!diff.divergence)
        return m_partial ? tr("The same so far") : tr("Both answers are the same");
    const TextDiff::Run& start = diff.runs.front();
    const int place = start.kind == DiffKind::Equal ? countIn(start.text, m_unit) + 1 : 1;
    const QString where = words ? tr("▾ differs from word %1 on").arg(place)
                                : tr("▾ differs from character %1 on").arg(place);
    const int lost = countOf(diff, DiffKind::OnlyFirst, m_unit);
    const int added = countOf(diff, DiffKind::OnlySecond, m_unit);
    if (m_merged)
        return tr("%1 · %2 lost, %3 added").arg(where).arg(lost).arg(added);
    const int own = m_role == ModelRole::Original ? lost : added;
    return tr("%1 · %2").arg(where, words ? tr("%n words only here", nullptr, own)
                                          : tr("%n characters only here", nullptr, own));
}

} // namespace lacuna
