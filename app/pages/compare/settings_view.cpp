#include "app/pages/compare/settings_view.h"

#include "widgets/base/theme.h"
#include "widgets/table/plain_table.h"
#include "widgets/table/value_text.h"

#include <QCheckBox>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidestColumn = 320;

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

QString signedNumber(double value, const QLocale& locale)
{
    return (value > 0 ? u"+"_s : QString()) + shortNumber(value, locale);
}

} // namespace

SettingsView::SettingsView(QWidget* parent)
    : QWidget(parent), m_search(new QLineEdit), m_only(new QCheckBox),
      m_ignoredButton(new QPushButton), m_table(plainTable()), m_note(secondaryText({}))
{
    m_search->setObjectName(u"settingSearch"_s);
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(kWidestColumn);
    m_only->setObjectName(u"onlyDifferences"_s);
    m_only->setChecked(true);
    m_ignoredButton->setObjectName(u"ignoredSettings"_s);
    m_table->setObjectName(u"settingsTable"_s);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_note->setObjectName(u"settingsNote"_s);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(16);
    tools->addWidget(m_search, 1);
    tools->addWidget(m_only);
    tools->addStretch();
    tools->addWidget(m_ignoredButton);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addLayout(tools);
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    connect(m_search, &QLineEdit::textChanged, this, &SettingsView::filterRows);
    connect(m_only, &QCheckBox::clicked, this, [this] {
        refresh();
        Q_EMIT choiceChanged();
    });
    connect(m_ignoredButton, &QPushButton::clicked, this, [this] {
        setIgnored({});
        Q_EMIT choiceChanged();
    });
    connect(m_table, &QWidget::customContextMenuRequested, this, &SettingsView::openMenu);
    retranslate();
}

void SettingsView::show(const RunComparison& comparison)
{
    m_comparison = comparison;
    refresh();
}

bool SettingsView::onlyDifferences() const
{
    return m_only->isChecked();
}

void SettingsView::setOnlyDifferences(bool only)
{
    m_only->setChecked(only);
    refresh();
}

void SettingsView::setIgnored(const QStringList& paths)
{
    m_ignored = paths;
    refresh();
}

void SettingsView::refresh()
{
    SettingFilter filter{.onlyDifferences = m_only->isChecked()};
    for (const QString& path : m_ignored)
        filter.ignored.push_back(path.toStdString());
    std::vector<std::size_t> order; // the pinned run first
    std::vector<const RunSettings*> settings;
    for (std::size_t i = 0; i < m_comparison.runs.size(); ++i) {
        settings.push_back(&m_comparison.runs[i].run->settings);
        order.insert(i == m_comparison.pinned ? order.begin() : order.end(), i);
    }
    const std::vector<SettingRow> rows =
        settings.empty() ? std::vector<SettingRow>() : compareSettings(settings, filter);
    fill(rows, order);
    m_note->setText(
        rows.empty() ? tr("All runs have the same settings. Take the tick away to see them all.")
                     : tr("Numbers in parentheses: the difference from the pinned run. Right-click "
                          "a setting to leave it out."));
    m_table->setVisible(!rows.empty());
    m_ignoredButton->setVisible(!m_ignored.isEmpty());
    m_ignoredButton->setText(tr("Show %n left out", nullptr, static_cast<int>(m_ignored.size())));
    m_ignoredButton->setToolTip(m_ignored.join(u'\n'));
    filterRows();
}

void SettingsView::fill(const std::vector<SettingRow>& rows, const std::vector<std::size_t>& order)
{
    const QLocale locale;
    m_table->setUpdatesEnabled(false);
    m_table->setColumnCount(static_cast<int>(order.size()) + 1);
    m_table->setRowCount(static_cast<int>(rows.size()));
    QStringList titles = {tr("Setting")};
    for (const std::size_t run : order) {
        const QString& name = m_comparison.runs[run].name;
        titles << (run == m_comparison.pinned ? tr("%1 (pinned)").arg(name) : name);
    }
    m_table->setHorizontalHeaderLabels(titles);
    QFont bold = m_table->font();
    bold.setWeight(QFont::DemiBold);
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const SettingRow& setting = rows[static_cast<std::size_t>(row)];
        setCell(*m_table, row, 0, text(setting.path));
        const auto& base = setting.values[m_comparison.pinned];
        for (int column = 1; column < m_table->columnCount(); ++column) {
            const std::size_t run = order[static_cast<std::size_t>(column - 1)];
            const auto& value = setting.values[run];
            QString cell = value ? text(value->text) : tr("not set");
            QString toolTip = cell;
            if (const auto delta = setting.delta(run, m_comparison.pinned); delta && *delta != 0) {
                cell += u" (%1)"_s.arg(signedNumber(*delta, locale));
                toolTip = tr("%1, %2 from the pinned run").arg(toolTip, fullNumber(*delta, locale));
                if (*base->number > 0 && *value->number > 0)
                    toolTip += u", \u00d7"_s + shortNumber(*value->number / *base->number, locale);
            }
            setCell(*m_table, row, column, cell, toolTip);
            if (value != base)
                m_table->item(row, column)->setFont(bold);
        }
    }
    for (int column = 0; column < m_table->columnCount(); ++column) {
        m_table->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignVCenter | Qt::AlignLeft);
        m_table->horizontalHeaderItem(column)->setToolTip(titles[column]);
    }
    m_table->resizeColumnsToContents();
    for (int column = 0; column < m_table->columnCount(); ++column)
        m_table->setColumnWidth(column, std::min(m_table->columnWidth(column), kWidestColumn));
    m_table->setUpdatesEnabled(true);
}

void SettingsView::filterRows()
{
    const QString wanted = m_search->text().trimmed();
    for (int row = 0; row < m_table->rowCount(); ++row) {
        bool fits = wanted.isEmpty();
        for (int column = 0; !fits && column < m_table->columnCount(); ++column)
            fits = m_table->item(row, column)->text().contains(wanted, Qt::CaseInsensitive);
        m_table->setRowHidden(row, !fits);
    }
}

void SettingsView::openMenu(const QPoint& position)
{
    const QTableWidgetItem* item = m_table->itemAt(position);
    if (!item)
        return;
    const QString path = m_table->item(item->row(), 0)->text();
    auto* menu = new QMenu(this);
    menu->setObjectName(u"settingMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto leaveOut = [this](const QString& left) {
        setIgnored(m_ignored + QStringList{left});
        Q_EMIT choiceChanged();
    };
    menu->addAction(tr("Leave out \u201c%1\u201d").arg(path), this,
                    [leaveOut, path] { leaveOut(path); });
    if (const qsizetype dot = path.lastIndexOf(u'.'); dot > 0)
        menu->addAction(tr("Leave out all of \u201c%1\u201d").arg(path.left(dot)), this,
                        [leaveOut, part = path.left(dot)] { leaveOut(part); });
    menu->addAction(tr("Copy"), this,
                    [copied = item->toolTip()] { QGuiApplication::clipboard()->setText(copied); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void SettingsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void SettingsView::retranslate()
{
    m_search->setPlaceholderText(tr("Find a setting or a value"));
    m_search->setAccessibleName(tr("Find a setting or a value"));
    m_only->setText(tr("Only differences"));
    m_table->setAccessibleName(tr("Settings of the runs"));
    refresh();
}

} // namespace lacuna
