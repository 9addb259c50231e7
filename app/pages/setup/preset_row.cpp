#include "app/pages/setup/preset_row.h"

#include "app/workspace.h"
#include "core/run/presets.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kNameWidth = 168; // as the fields of forms, so that editors stand in one column

} // namespace

PresetRow::PresetRow(Workspace& workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_name(new QLabel(this)),
      m_presets(new CalmComboBox(this)), m_note(secondaryText({}))
{
    m_name->setFixedWidth(kNameWidth);
    m_name->setBuddy(m_presets);
    m_presets->setObjectName(u"preset"_s);
    m_presets->addItem(QString()); // what stands there while none has been chosen
    for (const PresetInfo& preset : presets().entries())
        m_presets->addItem(QString::fromStdString(preset.title), QString::fromStdString(preset.id));
    m_note->setObjectName(u"presetNote"_s);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(2, 1);
    grid->addWidget(m_name, 0, 0);
    grid->addWidget(m_presets, 0, 1);
    grid->addWidget(m_note, 1, 1, 1, 2);
    connect(m_presets, &QComboBox::activated, this, &PresetRow::apply);
    retranslate();
}

void PresetRow::apply()
{
    const auto preset = presets().find(m_presets->currentData().toString().toStdString());
    if (preset)
        if (const Result<Recipe> filled = withPreset(m_workspace.recipe(), **preset))
            m_workspace.edit([&](Recipe& recipe) { recipe = *filled; });
    retranslate();
}

void PresetRow::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void PresetRow::retranslate()
{
    m_name->setText(tr("Values of"));
    m_presets->setAccessibleName(tr("Preset that fills in method and training"));
    m_presets->setItemText(0, tr("Choose a preset\u2026"));
    const auto preset = presets().find(m_presets->currentData().toString().toStdString());
    m_note->setText(preset ? tr("%1 Values: %2. Everything can be changed below.")
                                 .arg(QString::fromStdString((*preset)->explanation),
                                      QString::fromStdString((*preset)->provenance))
                           : tr("Fills in method, training and guards with values that are known "
                                "to go together."));
}

} // namespace lacuna
