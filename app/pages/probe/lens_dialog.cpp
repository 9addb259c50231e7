#include "app/pages/probe/lens_dialog.h"

#include "app/error_text.h"
#include "core/base/text.h"
#include "widgets/base/theme.h"
#include "widgets/chart/heat_grid.h"
#include "widgets/form/note_line.h"
#include "widgets/text/model_mark.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 680;
constexpr int kHeight = 560;
constexpr int kProgressSteps = 1000;
constexpr int kMostName = 24; ///< characters of a word beside its row

QString percent(double share)
{
    return LensDialog::tr("%1 %").arg(QLocale().toString(100 * share, 'f', 1));
}

QString wordOf(const AnswerLens::Token& token)
{
    return QString::fromStdString(visibleSpace(token.text)).left(kMostName);
}

/// What a cell says when asked.
QString wordsOf(const AnswerLens& lens, std::int64_t layer, std::size_t token)
{
    const std::size_t at = lens.reading.at(layer, token);
    return LensDialog::tr("“%1” behind block %2: %3, rank %4. The block would say “%5”.")
        .arg(wordOf(lens.tokens[token]), QLocale().toString(qint64{layer}),
             percent(lens.reading.probability(layer, token)),
             QLocale().toString(lens.reading.ranks[at]), wordOf(lens.likeliest[at]));
}

/// Where a word is first the likeliest, for who cannot see the map.
QString spokenOf(const AnswerLens& lens, std::size_t token)
{
    const QString word = wordOf(lens.tokens[token]);
    const QString end = percent(lens.reading.probability(lens.reading.layers - 1, token));
    const auto first = lens.reading.firstWithin(token, 1);
    return first ? LensDialog::tr("“%1”: first behind block %2, %3 in the end")
                       .arg(word, QLocale().toString(qint64{*first}), end)
                 : LensDialog::tr("“%1”: behind no block, %2 in the end").arg(word, end);
}

HeatGrid::Content contentOf(const AnswerLens& lens)
{
    HeatGrid::Content content{.columnTitle = LensDialog::tr("Block")};
    for (std::size_t token = 0; token < lens.tokens.size(); ++token) {
        content.rows << wordOf(lens.tokens[token]);
        const auto first = lens.reading.firstWithin(token, 1);
        std::vector<HeatGrid::Cell>& row = content.cells.emplace_back();
        for (std::int64_t layer = 0; layer < lens.reading.layers; ++layer) {
            const double probability = lens.reading.probability(layer, token);
            row.push_back({.place = std::isfinite(probability) ? probability : 0,
                           .text = percent(probability),
                           .toolTip = wordsOf(lens, layer, token),
                           .marked = first == layer});
        }
    }
    return content;
}

} // namespace

LensDialog::LensDialog(std::vector<Subject> subjects, QString prompt, const QString& answer,
                       QWidget* parent)
    : QDialog(parent), m_subjects(std::move(subjects)), m_prompt(std::move(prompt)),
      m_explanation(secondaryText({})), m_question(new QLabel), m_answerTitle(new QLabel),
      m_answer(new QLineEdit(answer)), m_problem(new NoteLine), m_results(new QWidget),
      m_legend(secondaryText({})), m_progress(new QProgressBar), m_look(new QPushButton),
      m_close(new QPushButton)
{
    setObjectName(u"lensDialog"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    m_explanation->setWordWrap(true);
    m_question->setTextFormat(Qt::PlainText);
    m_question->setWordWrap(true);
    m_answer->setObjectName(u"lensAnswer"_s);
    m_answerTitle->setBuddy(m_answer);
    m_problem->setObjectName(u"lensProblem"_s);
    m_legend->setWordWrap(true);
    m_progress->setObjectName(u"lensProgress"_s);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, kProgressSteps);
    m_look->setObjectName(u"lensLookButton"_s);
    m_look->setProperty("primary", true);
    m_look->setDefault(true);
    m_close->setObjectName(u"lensCloseButton"_s);
    m_close->setAutoDefault(false);
    build();
    m_problem->hide();
    m_results->hide();
    connect(m_answer, &QLineEdit::textChanged, this, &LensDialog::showState);
    connect(m_look, &QPushButton::clicked, this, &LensDialog::look);
    connect(m_close, &QPushButton::clicked, this, &LensDialog::reject);
    connect(&m_job, &CancellableJob::progressed, this, [this](double share) {
        m_progress->setValue(static_cast<int>(std::lround(kProgressSteps * share)));
    });
    retranslate();
    resize(kWidth, kHeight);
}

void LensDialog::build()
{
    auto* wish = new QHBoxLayout;
    wish->setSpacing(8);
    wish->addWidget(m_answerTitle);
    wish->addWidget(m_answer, 1);
    wish->addWidget(m_look);
    auto* results = new QVBoxLayout(m_results);
    results->setContentsMargins(0, 0, 0, 0);
    results->setSpacing(8);
    for (std::size_t i = 0; i < m_subjects.size(); ++i)
        m_views.push_back(addView(*results, i));
    results->addWidget(m_legend);
    results->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(m_results);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_progress, 1);
    buttons->addStretch();
    buttons->addWidget(m_close);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(m_explanation);
    layout->addWidget(m_question);
    layout->addLayout(wish);
    layout->addWidget(m_problem);
    layout->addWidget(scroll, 1);
    layout->addLayout(buttons);
}

LensDialog::View LensDialog::addView(QVBoxLayout& layout, std::size_t index)
{
    const View view{.title = heading({}, 2), .reading = new QLabel, .grid = new HeatGrid};
    view.reading->setWordWrap(true);
    view.reading->setObjectName(u"lensReading%1"_s.arg(index));
    view.grid->setObjectName(u"lensGrid%1"_s.arg(index));
    auto* title = new QHBoxLayout;
    title->setSpacing(8);
    title->addWidget(new ModelMark(m_subjects[index].role));
    title->addWidget(view.title, 1);
    layout.addLayout(title);
    layout.addWidget(view.reading);
    layout.addWidget(view.grid);
    layout.addSpacing(8);
    return view;
}

void LensDialog::reject()
{
    if (!m_job.isRunning())
        return QDialog::reject();
    m_job.cancel();
    m_close->setEnabled(false);
}

void LensDialog::look()
{
    if (m_job.isRunning() || m_answer->text().trimmed().isEmpty())
        return;
    std::vector<AnswerLensRequest> requests;
    for (const Subject& subject : m_subjects)
        requests.push_back({.model = subject.folder.toStdString(),
                            .prompt = m_prompt.toStdString(),
                            .answer = m_answer->text().trimmed().toStdString(),
                            .promptTemplate = subject.promptTemplate.toStdString()});
    m_problem->hide();
    m_job.start(
        [requests](CancellableJob::Course& course) -> Result<Found> {
            Found found;
            const auto count = static_cast<double>(requests.size());
            for (const AnswerLensRequest& request : requests) {
                const auto before = static_cast<double>(found.size());
                Result<std::optional<AnswerLens>> lens = lensOfAnswer(request, [&](double share) {
                    return course.proceed((before + share) / count);
                });
                if (!lens)
                    return lens.error();
                if (!*lens)
                    return Found{};
                found.push_back(std::move(**lens));
            }
            return found;
        },
        [this](const Result<Found>& found) { take(found); });
    showState();
}

void LensDialog::take(const Result<Found>& found)
{
    if (!found) {
        m_problem->setNote(MessageKind::Error, errorText(found.error()));
        m_problem->show();
    } else if (!found->empty()) {
        m_found = *found;
        showResults();
        m_results->show();
    }
    m_progress->setValue(0);
    showState();
    m_answer->setFocus();
}

void LensDialog::showState()
{
    const bool busy = m_job.isRunning();
    m_answer->setEnabled(!busy);
    const bool empty = m_answer->text().trimmed().isEmpty();
    m_look->setEnabled(!busy && !empty);
    m_look->setToolTip(empty ? tr("Type an answer first")
                             : tr("Goes through every model once with this answer"));
    m_progress->setVisible(busy);
    m_close->setEnabled(true);
    m_close->setText(busy ? tr("Cancel") : tr("Close"));
}

void LensDialog::showResults()
{
    for (std::size_t i = 0; i < m_found.size(); ++i)
        showResult(m_views[i], m_found[i]);
}

void LensDialog::showResult(const View& view, const AnswerLens& lens) const
{
    const double depth = lens.reading.meanDepth(1).value();
    view.reading->setText(
        depth >= 1 ? tr("Behind no block is any of these words the likeliest.")
                   : tr("On average %1 of the blocks pass before a word is the likeliest; a word "
                        "that never is counts as 100 %.")
                         .arg(percent(depth)));
    view.grid->setContent(contentOf(lens));
    QStringList spoken;
    for (std::size_t token = 0; token < lens.tokens.size(); ++token)
        spoken << spokenOf(lens, token);
    view.grid->setAccessibleDescription(spoken.join(u". "_s));
}

void LensDialog::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QDialog::changeEvent(event);
}

void LensDialog::retranslate()
{
    setWindowTitle(tr("Look inside"));
    m_explanation->setText(
        tr("Reads behind every block what the model would say if it stopped there (logit lens). An "
           "answer that is no longer said, but still comes up in the middle, is hidden and not "
           "gone."));
    m_question->setText(m_prompt);
    m_question->setAccessibleName(tr("Question"));
    m_answerTitle->setText(tr("Answer to look for"));
    m_answer->setAccessibleName(tr("Answer to look for"));
    m_look->setText(tr("Look"));
    m_progress->setAccessibleName(tr("Progress"));
    m_legend->setText(tr("Each cell is the probability of a word behind a block, from impossible "
                         "(dark) to certain (light). Framed: the first block that would say it."));
    for (std::size_t i = 0; i < m_views.size(); ++i) {
        const QString name = modelName(m_subjects[i].role);
        m_views[i].title->setText(name);
        m_views[i].grid->setAccessibleName(tr("%1: words and blocks").arg(name));
    }
    showResults();
    showState();
}

} // namespace lacuna
