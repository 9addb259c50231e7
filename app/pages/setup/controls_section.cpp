#include "app/pages/setup/controls_section.h"

#include "core/controls/control.h"
#include "widgets/base/theme.h"
#include "widgets/form/param_form.h"

#include <QCheckBox>
#include <QLabel>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIndent = 24;

} // namespace

ControlsSection::ControlsSection(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    for (const ControlInfo& info : lacuna::controls().entries()) {
        Entry entry{.id = info.id,
                    .box = new QCheckBox(QString::fromStdString(info.title), this),
                    .params = new ParamForm(this)};
        entry.box->setObjectName(QString::fromStdString(info.id));
        QString explanation = QString::fromStdString(info.explanation);
        entry.box->setToolTip(explanation);
        entry.box->setAccessibleDescription(explanation);
        entry.params->setSpecs(info.params);
        entry.params->setVisible(false);
        auto* inner = new QVBoxLayout;
        inner->setContentsMargins(kIndent, 0, 0, 8);
        inner->setSpacing(8);
        inner->addWidget(secondaryText(explanation));
        inner->addWidget(entry.params);
        layout->addWidget(entry.box);
        layout->addLayout(inner);
        connect(entry.box, &QCheckBox::toggled, entry.params, &QWidget::setVisible);
        connect(entry.box, &QCheckBox::clicked, this, &ControlsSection::changed);
        connect(entry.params, &ParamForm::changed, this, &ControlsSection::changed);
        m_entries.push_back(entry);
    }
}

void ControlsSection::setControls(const Json& list)
{
    for (const Entry& entry : m_entries) {
        const Json* found = nullptr;
        if (list.is_array())
            for (const Json& item : list)
                if (item.is_object() && item.value("id", Json()) == Json(entry.id))
                    found = &item;
        entry.box->setChecked(found != nullptr);
        if (found)
            entry.params->setValues(*found);
    }
}

Json ControlsSection::controls() const
{
    Json list = Json::array();
    for (const Entry& entry : m_entries) {
        if (!entry.box->isChecked())
            continue;
        Json item = entry.params->values();
        item["id"] = entry.id;
        list.push_back(std::move(item));
    }
    return list;
}

QString ControlsSection::problem() const
{
    for (const Entry& entry : m_entries)
        if (entry.box->isChecked() && !entry.params->isValid())
            return entry.params->problem();
    return {};
}

} // namespace lacuna
