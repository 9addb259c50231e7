#include "app/pages/setup/sweep_section.h"

#include "app/pages/setup/sweep_row.h"
#include "app/workspace.h"
#include "widgets/base/theme.h"
#include "widgets/form/fold.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr const char* kSweep = "sweep";
constexpr const char* kCases = "cases";
constexpr const char* kRequests = "requests";
constexpr int kMostLabels = 6; ///< in sight at once

/// The cases of a sweep or the requests of a sequence; an empty list: none.
Json casesIn(const Json& several)
{
    if (several.contains(kRequests))
        return several[kRequests];
    return several.contains(kSweep) ? several[kSweep].value(kCases, Json::array()) : Json::array();
}

} // namespace

SweepSection::SweepSection(Workspace& workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_fold(new Fold(this)), m_help(secondaryText({})),
      m_casesTitle(new QLabel), m_cases(new QListWidget), m_removeCases(new QPushButton),
      m_rowsLayout(new QVBoxLayout), m_add(new QPushButton), m_count(new QLabel)
{
    m_fold->setObjectName(u"sweepFold"_s);
    m_cases->setObjectName(u"sweepCases"_s);
    m_cases->setSelectionMode(QAbstractItemView::NoSelection);
    m_casesTitle->setBuddy(m_cases);
    m_removeCases->setObjectName(u"sweepRemoveCases"_s);
    m_add->setObjectName(u"sweepAdd"_s);
    m_count->setObjectName(u"sweepCount"_s);
    m_count->setWordWrap(true);
    for (QPushButton* button : {m_removeCases, m_add})
        button->setAutoDefault(false);
    m_rowsLayout->setSpacing(8);
    const auto leading = [](QWidget* widget) {
        auto* row = new QHBoxLayout;
        row->addWidget(widget);
        row->addStretch();
        return row;
    };
    QVBoxLayout* content = m_fold->content();
    content->setSpacing(8);
    content->addWidget(m_help);
    content->addWidget(m_casesTitle);
    content->addWidget(m_cases);
    content->addLayout(leading(m_removeCases));
    content->addLayout(m_rowsLayout);
    content->addLayout(leading(m_add));
    content->addWidget(m_count);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_fold);
    connect(m_add, &QPushButton::clicked, this, [this] {
        addRow()->focusValues();
        takeEdit();
    });
    connect(m_removeCases, &QPushButton::clicked, this, &SweepSection::removeCases);
    retranslate();
}

void SweepSection::follow()
{
    // A row that is being written stays, whatever else of the experiment changes meanwhile.
    if (m_workspace.draft().several != m_followed || m_workspace.experiment() != m_experiment) {
        m_experiment = m_workspace.experiment();
        m_followed = m_workspace.draft().several;
        rebuild();
        if (!m_followed.empty())
            m_fold->setOpen(true);
    }
    for (SweepRow* row : m_rows)
        row->follow(m_workspace.recipe());
    checkRows();
    showState();
}

void SweepSection::rebuild()
{
    for (SweepRow* row : std::exchange(m_rows, {})) {
        row->hide();
        row->deleteLater();
    }
    if (m_followed.contains(kSweep))
        for (const auto& [path, values] : m_followed[kSweep].items())
            if (path != kCases)
                addRow()->setAxis(path, values);
    fillCases();
}

void SweepSection::fillCases()
{
    m_cases->clear();
    for (const Json& one : casesIn(m_followed))
        m_cases->addItem(QString::fromStdString(one.value("label", std::string())));
    m_cases->setFixedHeight(m_cases->sizeHintForRow(0) * std::min(kMostLabels, m_cases->count()) +
                            2 * m_cases->frameWidth());
}

SweepRow* SweepSection::addRow()
{
    auto* row = new SweepRow(this);
    row->follow(m_workspace.recipe());
    // The first that no other row varies.
    for (const SweepKey& key : sweepKeys(m_workspace.recipe()))
        if (std::ranges::find(m_rows, key.path, &SweepRow::path) == m_rows.end()) {
            row->setAxis(key.path, Json::array());
            break;
        }
    m_rows.push_back(row);
    m_rowsLayout->addWidget(row);
    row->show(); // at once, so that it can take the focus
    connect(row, &SweepRow::changed, this, &SweepSection::takeEdit);
    connect(row, &SweepRow::removeRequested, this, [this, row] { removeRow(row); });
    return row;
}

void SweepSection::removeRow(SweepRow* row)
{
    std::erase(m_rows, row);
    row->deleteLater();
    row->hide();
    m_add->setFocus(Qt::OtherFocusReason); // the button that had it is going
    takeEdit();
}

void SweepSection::removeCases()
{
    m_followed.erase(kRequests);
    if (m_followed.contains(kSweep)) {
        m_followed[kSweep].erase(kCases);
        if (m_followed[kSweep].empty())
            m_followed.erase(kSweep);
    }
    fillCases(); // a row that is being written stays
    m_workspace.setSeveral(m_followed);
    showState();
    m_add->setFocus(Qt::OtherFocusReason); // the button that had it is gone
    Q_EMIT changed();
}

void SweepSection::takeEdit()
{
    checkRows();
    if (problem().isEmpty() && several() != m_followed) {
        m_followed = several();
        m_workspace.setSeveral(m_followed);
    }
    showState();
    Q_EMIT changed();
}

void SweepSection::checkRows()
{
    for (auto row = m_rows.begin(); row != m_rows.end(); ++row)
        (*row)->setConflict(
            std::ranges::find(m_rows.begin(), row, (*row)->path(), &SweepRow::path) != row
                ? tr("A row above varies the same.")
                : QString());
}

Json SweepSection::several() const
{
    if (m_followed.contains(kRequests))
        return m_followed;
    Json sweep = Json::object();
    for (const SweepRow* row : m_rows)
        sweep[row->path()] = row->values();
    if (Json cases = casesIn(m_followed); !cases.empty())
        sweep[kCases] = std::move(cases);
    return sweep.empty() ? Json::object() : Json{{kSweep, std::move(sweep)}};
}

QString SweepSection::problem() const
{
    for (const SweepRow* row : m_rows)
        if (const QString problem = row->problem(); !problem.isEmpty())
            return tr("several runs: %1").arg(problem);
    return {};
}

void SweepSection::showState()
{
    const bool sequence = m_followed.contains(kRequests);
    const bool cases = m_cases->count() > 0;
    for (QWidget* part : std::initializer_list<QWidget*>{m_casesTitle, m_cases, m_removeCases})
        part->setVisible(cases);
    m_add->setVisible(!sequence);
    m_help->setVisible(!sequence);
    m_casesTitle->setText(sequence ? tr("Requests, in this order:")
                                   : tr("Cases, each with values that go together:"));
    m_removeCases->setText(sequence ? tr("Remove the requests") : tr("Remove the cases"));
    double count = cases ? m_cases->count() : 1;
    for (const SweepRow* row : m_rows)
        count *= static_cast<double>(std::max<std::size_t>(row->values().size(), 1));
    const bool several = cases || !m_rows.empty();
    m_count->setVisible(several);
    m_fold->setTitle(several ? tr("Several runs (%1)").arg(locale().toString(count, 'f', 0))
                             : tr("Several runs"));
    if (count > static_cast<double>(kMostPoints)) {
        m_count->setText(
            tr("%1 runs: more than the %2 that one recipe may make.")
                .arg(locale().toString(count, 'f', 0), locale().toString(qulonglong{kMostPoints})));
        return;
    }
    const int runs = static_cast<int>(count);
    m_count->setText(sequence
                         ? tr("%n requests, one after another: each starts from the model that the "
                              "one before has left, and every earlier target is measured again.",
                              nullptr, runs)
                         : tr("%n runs, one after another, which the history keeps as one group. "
                              "Pressing Start again does what is missing.",
                              nullptr, runs));
}

void SweepSection::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void SweepSection::retranslate()
{
    m_help->setText(tr("Each row varies one value; together the rows make one run of every "
                       "combination."));
    m_cases->setAccessibleName(tr("Cases or requests"));
    m_add->setText(tr("Add a row"));
    checkRows();
    showState();
}

} // namespace lacuna
