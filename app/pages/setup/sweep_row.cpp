#include "app/pages/setup/sweep_row.h"

#include "app/error_text.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/note_line.h"

#include <QEvent>
#include <QGridLayout>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QToolButton>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kKeyWidth = 232;

} // namespace

SweepRow::SweepRow(QWidget* parent)
    : QWidget(parent), m_key(new CalmComboBox(this)), m_values(new QLineEdit(this)),
      m_remove(new QToolButton(this)), m_note(new NoteLine(this))
{
    m_key->setObjectName(u"sweepKey"_s);
    m_key->setFixedWidth(kKeyWidth);
    m_values->setObjectName(u"sweepValues"_s);
    m_remove->setObjectName(u"sweepRemove"_s);
    m_remove->setFocusPolicy(Qt::StrongFocus);
    m_remove->setMinimumSize(24, 24);
    m_note->setObjectName(u"sweepProblem"_s);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    grid->addWidget(m_key, 0, 0);
    grid->addWidget(m_values, 0, 1);
    grid->addWidget(m_remove, 0, 2);
    grid->addWidget(m_note, 1, 1, 1, 2);
    grid->setColumnStretch(1, 1);
    const auto change = [this] {
        m_problem = check();
        Q_EMIT changed();
    };
    connect(m_key, &QComboBox::activated, this, change);
    connect(m_values, &QLineEdit::textEdited, this, change);
    connect(m_remove, &QToolButton::clicked, this, &SweepRow::removeRequested);
    retranslate();
}

void SweepRow::setAxis(const std::string& path, const Json& values)
{
    const QString wanted = QString::fromStdString(path);
    if (m_key->findData(wanted) < 0)
        m_key->addItem(wanted, wanted);
    m_key->setCurrentIndex(m_key->findData(wanted));
    m_values->setText(sweepValuesText(values));
    m_problem = check();
    showProblem();
}

void SweepRow::follow(const Recipe& recipe)
{
    m_recipe = recipe;
    const QString chosen = m_key->currentData().toString();
    m_key->clear();
    for (const SweepKey& key : sweepKeys(recipe))
        m_key->addItem(key.title, QString::fromStdString(key.path));
    if (!chosen.isEmpty() && m_key->findData(chosen) < 0)
        m_key->addItem(chosen, chosen);
    m_key->setCurrentIndex(std::max(0, m_key->findData(chosen)));
    m_problem = check();
    showProblem();
}

void SweepRow::setConflict(const QString& problem)
{
    m_conflict = problem;
    showProblem();
}

std::string SweepRow::path() const
{
    return m_key->currentData().toString().toStdString();
}

Json SweepRow::values() const
{
    return readSweepValues(path(), m_values->text());
}

QString SweepRow::problem() const
{
    return m_conflict.isEmpty() ? m_problem : m_conflict;
}

void SweepRow::focusValues()
{
    m_values->setFocus(Qt::OtherFocusReason);
}

QString SweepRow::check() const
{
    const Json read = values();
    if (read.empty())
        return tr("Write the values with commas between them, or remove the row.");
    const Status status = checkSweepValues(m_recipe, path(), read);
    return status ? QString() : errorText(status.error());
}

void SweepRow::showProblem()
{
    // A row that nobody has written in yet is not scolded.
    m_note->setVisible(!problem().isEmpty() &&
                       (!m_values->text().isEmpty() || !m_conflict.isEmpty()));
    m_note->setNote(MessageKind::Error, problem());
}

void SweepRow::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void SweepRow::retranslate()
{
    m_key->setAccessibleName(tr("What varies"));
    m_values->setAccessibleName(tr("Values, with commas between them"));
    m_values->setPlaceholderText(tr("Values, such as 1e-5, 2e-5, 5e-5"));
    m_remove->setText(tr("Remove"));
    m_remove->setAccessibleName(tr("Remove this row"));
    follow(m_recipe);
}

} // namespace lacuna
