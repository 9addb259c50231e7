#include "app/pages/setup/plan_card.h"

#include "app/error_text.h"
#include "app/pages/setup/recipe_panel.h"
#include "app/workspace.h"
#include "core/base/text.h"
#include "widgets/form/fact_table.h"
#include "widgets/form/fold.h"
#include "widgets/form/note_line.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMostWarnings = 8;

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

/// Four significant digits, so that a small adapter is not "0 %".
QString percentText(std::int64_t part, std::int64_t whole)
{
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return QStringLiteral("%1 %").arg(QLocale().toString(percent, 'g', 4));
}

QString asSentence(QString words)
{
    if (words.isEmpty())
        return words;
    words.front() = words.front().toUpper();
    return words.endsWith(u'.') ? words : words + u'.';
}

} // namespace

PlanCard::PlanCard(Services& services, QWidget* parent) : SetupCard(services, parent)
{
    setObjectName(u"planCard"_s);
    m_nameTitle = new QLabel(this);
    m_name = new QLineEdit(this);
    m_name->setObjectName(u"runName"_s);
    m_nameTitle->setBuddy(m_name);
    m_summary = new QLabel(this);
    m_summary->setObjectName(u"planSummary"_s);
    m_summary->setWordWrap(true);
    m_notes = new QWidget(this);
    m_tables = new QWidget(this);
    m_corpora = new FactTable(m_tables);
    m_corpora->setObjectName(u"planCorpora"_s);
    m_memory = new FactTable(m_tables);
    m_memory->setObjectName(u"planMemory"_s);
    m_overlapFold = new Fold(this);
    m_overlapFold->setObjectName(u"overlap"_s);
    m_overlap = new FactTable(this);
    m_overlapFold->content()->addWidget(m_overlap);
    m_recipeFold = new Fold(this);
    m_recipeFold->setObjectName(u"recipe"_s);
    m_recipe = new RecipePanel(services, this);
    m_recipeFold->content()->addWidget(m_recipe);

    auto* nameRow = new QHBoxLayout;
    nameRow->setSpacing(8);
    nameRow->addWidget(m_nameTitle);
    nameRow->addWidget(m_name, 1);
    auto* tables = new QVBoxLayout(m_tables);
    tables->setContentsMargins(0, 0, 0, 0);
    tables->setSpacing(16);
    tables->addWidget(m_corpora);
    tables->addWidget(m_memory);
    body()->addLayout(nameRow);
    body()->addWidget(m_summary);
    body()->addWidget(m_notes);
    body()->addWidget(m_tables);
    body()->addWidget(m_overlapFold);
    body()->addWidget(m_recipeFold);

    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& name) {
        this->services().workspace.edit([&](Recipe& recipe) { recipe.name = name.toStdString(); });
    });
    connect(m_recipeFold, &Fold::toggled, this,
            [this] { m_recipe->follow(this->services().workspace.draft()); });
    retranslate();
}

void PlanCard::follow(const Recipe& recipe)
{
    if (m_name->text() != text(recipe.name))
        m_name->setText(text(recipe.name));
    if (m_recipeFold->isOpen())
        m_recipe->follow(services().workspace.draft());
}

void PlanCard::setPlan(const std::optional<Result<Plan>>& plan, bool working, std::size_t runs)
{
    // The last plan stays in sight while the next one is worked out: nothing jumps while typing.
    if (plan || !working)
        m_plan = plan;
    m_working = working;
    m_runs = runs;
    showPlan();
}

void PlanCard::retranslate()
{
    setTitle(tr("4  Plan"), tr("What the run will do and need, worked out before it starts."));
    m_nameTitle->setText(tr("Name of the run"));
    m_name->setAccessibleName(tr("Name of the run"));
    m_name->setPlaceholderText(tr("Optional; otherwise it is named after method and forget set"));
    m_recipeFold->setTitle(tr("Recipe and command line"));
    showPlan();
}

void PlanCard::showPlan()
{
    const bool known = m_plan && *m_plan;
    m_tables->setVisible(known);
    m_summary->setVisible(known || m_working || !m_plan);
    if (known) {
        const Plan& plan = **m_plan;
        const QString summary =
            tr("%1, %2 an epoch · about %3 tokens to train on · %4 parameters trained, %5 of %6 · "
               "%7 on %8")
                .arg(tr("%Ln steps", nullptr, static_cast<int>(plan.totalSteps)),
                     locale().toString(qint64{plan.stepsPerEpoch}),
                     locale().toString(plan.trainingTokens, 'f', 0),
                     locale().toString(qint64{plan.trainedParameters}),
                     percentText(plan.trainedParameters, plan.parameters),
                     locale().toString(qint64{plan.parameters}), text(plan.precision),
                     text(plan.device));
        m_summary->setText(
            m_runs > 1
                ? tr("The first of %n runs: %1", nullptr, static_cast<int>(m_runs)).arg(summary)
                : summary);
        showTables(plan);
    } else {
        m_summary->setText(m_working ? tr("Working out the plan…")
                                     : tr("The plan appears here as soon as model and data are "
                                          "chosen."));
    }
    showNotes();
}

void PlanCard::showNotes()
{
    delete m_notes->layout();
    qDeleteAll(m_notes->findChildren<NoteLine*>());
    auto* notes = new QVBoxLayout(m_notes);
    notes->setContentsMargins(0, 0, 0, 0);
    notes->setSpacing(4);
    const auto add = [&](MessageKind kind, const QString& words) {
        auto* note = new NoteLine(kind, words, m_notes);
        note->setObjectName(u"planNote"_s);
        notes->addWidget(note);
    };
    if (m_plan && !*m_plan)
        add(MessageKind::Error, errorText(m_plan->error()));
    if (m_plan && *m_plan && (**m_plan).shortage)
        add(MessageKind::Error, errorText(*(**m_plan).shortage));
    OverlapReport overlap;
    if (m_plan && *m_plan) {
        const Plan& plan = **m_plan;
        overlap = plan.overlap;
        const auto count = static_cast<int>(plan.warnings.size());
        for (int i = 0; i < std::min(count, kMostWarnings); ++i)
            add(MessageKind::Warning, asSentence(text(plan.warnings[static_cast<std::size_t>(i)])));
        if (count > kMostWarnings)
            add(MessageKind::Info, tr("%Ln more warnings", nullptr, count - kMostWarnings));
    }
    m_notes->setVisible(notes->count() > 0);
    m_overlapFold->setVisible(!overlap.pairs.empty());
    m_overlapFold->setTitle(tr("Passages in both sets (%1)").arg(overlap.exact + overlap.near));
    FactTable::Content rows{
        .header = {tr("Forget row"), tr("Retain row"), tr("Alike"), tr("Begins with")},
        .wideColumn = 3};
    for (const TextPair& pair : overlap.pairs)
        rows.rows.append(QStringList{
            locale().toString(qint64{pair.firstRow}), locale().toString(qint64{pair.secondRow}),
            tr("%1 %").arg(locale().toString(pair.similarity * 100, 'f', 0)), text(pair.excerpt)});
    m_overlap->setContent(rows);
}

void PlanCard::showTables(const Plan& plan)
{
    const auto number = [this](std::int64_t value) { return locale().toString(qint64{value}); };
    FactTable::Content corpora{
        .header = {tr("Set"), tr("Samples"), tr("Tokens"), tr("Scored"), tr("Longest"), tr("Cut")}};
    for (const CorpusPlan& corpus : plan.corpora) {
        const QString name = corpus.role == "forget"   ? tr("Forget set")
                             : corpus.role == "retain" ? tr("Retain set")
                                                       : tr("Holdout set");
        corpora.rows.append(QStringList{name, number(corpus.samples), number(corpus.tokens),
                                        number(corpus.scoredTokens), number(corpus.longest),
                                        number(corpus.truncated)});
    }
    m_corpora->setContent(corpora);
    FactTable::Content memory{.header = {tr("Memory"), tr("Size")}, .totalRow = true};
    for (const MemoryItem& item : plan.memory)
        memory.rows.append(
            QStringList{asSentence(text(item.what)).chopped(1), text(bytesText(item.bytes))});
    memory.rows.append(QStringList{tr("Together"), text(bytesText(totalBytes(plan.memory)))});
    m_memory->setContent(memory);
}

} // namespace lacuna
