#include "widgets/form/corpus_preview_view.h"

#include "widgets/base/colors.h"
#include "widgets/base/theme.h"
#include "widgets/form/length_chart.h"
#include "widgets/form/problem_table.h"
#include "widgets/form/prompt_template_box.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QTextCursor>
#include <QTextEdit>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTextHeight = 136;
constexpr double kTintShare = 0.18;

QColor over(const QColor& color, const QColor& background, double share)
{
    const auto mix = [share](float a, float b) { return static_cast<float>(b + (a - b) * share); };
    return QColor::fromRgbF(mix(color.redF(), background.redF()),
                            mix(color.greenF(), background.greenF()),
                            mix(color.blueF(), background.blueF()));
}

struct Formats {
    QTextCharFormat prompt;
    QTextCharFormat scored;
    QTextCharFormat marker;
    QTextCharFormat scoredMarker;

    explicit Formats(const QWidget& widget)
    {
        const QColor accent = themeColor(ColorRole::Accent, widget);
        prompt.setForeground(themeColor(ColorRole::Secondary, widget));
        scored.setForeground(themeColor(ColorRole::Text, widget));
        scored.setBackground(over(accent, themeColor(ColorRole::Surface, widget), kTintShare));
        scored.setUnderlineStyle(QTextCharFormat::SingleUnderline);
        scored.setUnderlineColor(accent);
        marker = prompt;
        marker.setFontItalic(true);
        scoredMarker = scored;
        scoredMarker.setFontItalic(true);
    }
};

QString shown(const std::string& utf8)
{
    return QString::fromStdString(utf8).replace(u"\r\n"_s, u"\n"_s);
}

} // namespace

CorpusPreviewView::CorpusPreviewView(QWidget* parent) : QWidget(parent)
{
    m_facts = new QLabel(this);
    m_facts->setObjectName(u"facts"_s);
    m_facts->setWordWrap(true);
    m_tokenizerNote = secondaryText({});
    m_tokenizerNote->setObjectName(u"tokenizerNote"_s);
    m_text = new QTextEdit(this);
    m_text->setObjectName(u"sampleText"_s);
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setFixedHeight(kTextHeight);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_legend = new QLabel(this);
    m_legend->setObjectName(u"legend"_s);
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setWordWrap(true);
    m_chosen = secondaryText({});
    m_chosen->setObjectName(u"chosenAnswer"_s);
    m_chosen->setTextFormat(Qt::PlainText);
    m_where = new QLabel(this);
    m_where->setObjectName(u"where"_s);
    m_previous = new QPushButton(this);
    m_previous->setObjectName(u"previousSample"_s);
    m_previous->setAutoDefault(false);
    m_next = new QPushButton(this);
    m_next->setObjectName(u"nextSample"_s);
    m_next->setAutoDefault(false);
    m_chartTitle = new QLabel(this);
    m_chart = new LengthChart(this);
    m_problemTitle = new QLabel(this);
    m_problemTitle->setObjectName(u"problemCount"_s);
    m_problems = new ProblemTable(this);
    for (QLabel* title : {m_chartTitle, m_problemTitle}) {
        QFont bold = title->font();
        bold.setWeight(QFont::DemiBold);
        title->setFont(bold);
    }

    auto* walk = new QHBoxLayout;
    walk->setSpacing(8);
    walk->addWidget(m_previous);
    walk->addWidget(m_next);
    walk->addWidget(m_where, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_facts);
    layout->addWidget(m_tokenizerNote);
    layout->addWidget(m_problemTitle);
    layout->addWidget(m_problems);
    layout->addLayout(walk);
    layout->addWidget(m_text);
    layout->addWidget(m_chosen);
    layout->addWidget(m_legend);
    layout->addWidget(m_chartTitle);
    layout->addWidget(m_chart);

    connect(m_previous, &QPushButton::clicked, this, [this] { go(m_current - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { go(m_current + 1); });
    retranslate();
}

void CorpusPreviewView::setPreview(const CorpusPreview& preview)
{
    const bool sameFile = preview.path == m_preview.path;
    m_preview = preview;
    const auto first = static_cast<qint64>(preview.firstSample);
    const auto end = first + static_cast<qint64>(preview.shown.size());
    m_current = sameFile ? std::clamp(m_current, first, std::max(first, end - 1)) : first;
    m_problems->setProblems(preview.problems);
    if (preview.lengths)
        m_chart->setLengths(*preview.lengths, preview.maxLength);
    retranslate();
}

qint64 CorpusPreviewView::current() const
{
    return m_preview.shown.empty() ? -1 : m_current;
}

void CorpusPreviewView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        showSample();
    QWidget::changeEvent(event);
}

void CorpusPreviewView::go(qint64 index)
{
    if (index < 0 || index >= m_preview.samples)
        return;
    m_current = index;
    const qint64 local = index - m_preview.firstSample;
    if (local < 0 || local >= static_cast<qint64>(m_preview.shown.size()))
        Q_EMIT sampleRequested(index);
    else
        showSample();
}

void CorpusPreviewView::showSample()
{
    const qint64 local = m_current - m_preview.firstSample;
    const bool any = local >= 0 && local < static_cast<qint64>(m_preview.shown.size());
    for (QWidget* part :
         std::initializer_list<QWidget*>{m_text, m_legend, m_where, m_previous, m_next})
        part->setVisible(any);
    m_previous->setEnabled(m_current > 0);
    m_next->setEnabled(m_current + 1 < m_preview.samples);
    m_text->clear();
    if (!any)
        return m_chosen->hide();
    const PreviewSample& sample = m_preview.shown[static_cast<std::size_t>(local)];
    QStringList facts = {
        tr("Sample %1 of %2")
            .arg(locale().toString(m_current + 1), locale().toString(qint64{m_preview.samples})),
        tr("row %1").arg(locale().toString(qint64{sample.row}))};
    if (!sample.pieces.empty())
        facts += tr("%Ln tokens, %1 of them scored", nullptr, static_cast<int>(sample.tokens))
                     .arg(locale().toString(qint64{sample.scoredTokens}));
    if (sample.truncated)
        facts += tr("cut");
    m_where->setText(facts.join(u" · "_s));

    const Formats formats(*this);
    const QTextCharFormat& scored = formats.scored;
    QTextCursor cursor(m_text->document());
    for (const PreviewPiece& piece : sample.pieces)
        cursor.insertText(shown(piece.text),
                          piece.special ? (piece.scored ? formats.scoredMarker : formats.marker)
                                        : (piece.scored ? scored : formats.prompt));
    if (sample.pieces.empty()) {
        if (sample.kind == SampleKind::Tokens)
            cursor.insertText(tr("Token ids: choose a model to read them."), formats.marker);
        if (!sample.prompt.empty())
            cursor.insertText(shown(sample.prompt) + (sample.kind == SampleKind::QuestionAnswer ||
                                                              sample.kind == SampleKind::Chat
                                                          ? u"\n"_s
                                                          : QString()),
                              formats.prompt);
        cursor.insertText(shown(sample.answer), scored);
    }
    m_chosen->setVisible(!sample.chosen.empty());
    m_chosen->setText(tr("To be said instead, where the method reads another answer: %1")
                          .arg(shown(sample.chosen).trimmed()));
    m_text->moveCursor(QTextCursor::Start);
    m_legend->setText(
        tr("%1 counts: forgetting or keeping is measured on it. %2 is only read.")
            .arg(u"<span style='background:%1; text-decoration:underline'>&nbsp;%2&nbsp;</span>"_s
                     .arg(scored.background().color().name(), tr("Marked text").toHtmlEscaped()),
                 u"<span style='color:%1'>%2</span>"_s.arg(
                     formats.prompt.foreground().color().name(), tr("Grey text").toHtmlEscaped())));
}

void CorpusPreviewView::showFacts()
{
    const QLocale numbers = locale();
    QStringList facts;
    if (!m_preview.formatTitle.empty())
        facts += QString::fromStdString(m_preview.formatTitle);
    facts += tr("%Ln samples", nullptr, static_cast<int>(m_preview.samples));
    const bool asked = std::any_of(
        m_preview.shown.begin(), m_preview.shown.end(), [](const PreviewSample& sample) {
            return sample.kind == SampleKind::QuestionAnswer || sample.kind == SampleKind::Chat;
        });
    if (asked && !m_preview.promptTemplate.empty())
        facts += tr("asked as: %1").arg(promptTemplateTitle(m_preview.promptTemplate));
    if (m_preview.pairs > 0)
        facts += tr("%Ln preference pairs, whose rejected answers are forgotten", nullptr,
                    static_cast<int>(m_preview.pairs));
    if (m_preview.lengths) {
        facts += tr("%1 tokens, %2 of them scored")
                     .arg(numbers.toString(qint64{m_preview.tokens}),
                          numbers.toString(qint64{m_preview.scoredTokens}));
        facts +=
            m_preview.truncated > 0
                ? tr("%Ln cut at %1 tokens", nullptr, static_cast<int>(m_preview.truncated))
                      .arg(numbers.toString(qint64{m_preview.maxLength}))
                : tr("none cut at %1 tokens").arg(numbers.toString(qint64{m_preview.maxLength}));
    }
    m_facts->setText(facts.join(u" · "_s));
    m_tokenizerNote->setVisible(!m_preview.lengths && !m_preview.shown.empty());
    m_tokenizerNote->setText(
        m_preview.tokenizerProblem
            ? tr("Token counts are not known: %1.")
                  .arg(QString::fromStdString(m_preview.tokenizerProblem->message))
        : m_preview.templateProblem
            ? tr("The raw prompts are shown, since the template cannot be used: %1.")
                  .arg(QString::fromStdString(m_preview.templateProblem->message))
            : tr("Choose a model to see tokens and lengths."));
    const int errors = static_cast<int>(m_preview.problems.errorCount());
    const int warnings = static_cast<int>(m_preview.problems.warningCount());
    m_problemTitle->setVisible(errors + warnings > 0);
    m_problemTitle->setText(
        tr("%1, %2").arg(tr("%Ln errors", nullptr, errors), tr("%Ln warnings", nullptr, warnings)));
}

void CorpusPreviewView::retranslate()
{
    m_previous->setText(tr("Previous"));
    m_previous->setAccessibleName(tr("Previous sample"));
    m_next->setText(tr("Next"));
    m_next->setAccessibleName(tr("Next sample"));
    m_text->setAccessibleName(tr("Sample"));
    m_chartTitle->setText(tr("How long are the samples?"));
    m_chartTitle->setVisible(m_preview.lengths && !m_preview.lengths->counts.empty());
    m_chart->setVisible(m_preview.lengths && !m_preview.lengths->counts.empty());
    m_problems->setVisible(!m_preview.problems.errors().empty() ||
                           !m_preview.problems.warnings().empty());
    showFacts();
    showSample();
}

} // namespace lacuna
