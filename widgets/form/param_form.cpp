#include "widgets/form/param_form.h"

#include "widgets/form/param_field.h"

#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

ParamValue valueIn(const ParamSpec& spec, const Json& object)
{
    ParamSet set({spec});
    if (!object.is_object() || !object.contains(spec.name) ||
        !set.set(spec, object[spec.name], spec.name))
        return spec.fallback;
    switch (spec.fallback.index()) {
    case 0:
        return set.number(spec.name);
    case 1:
        return set.integer(spec.name);
    case 2:
        return set.flag(spec.name);
    default:
        return set.text(spec.name);
    }
}

} // namespace

ParamForm::ParamForm(QWidget* parent) : QWidget(parent)
{
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(12);
}

void ParamForm::setSpecs(const std::vector<ParamSpec>& specs,
                         const std::map<std::string, QString>& titles)
{
    const Json kept = values();
    for (ParamField* field : std::exchange(m_fields, {}))
        delete field;
    for (const ParamSpec& spec : specs) {
        const auto title = titles.find(spec.name);
        auto* field = new ParamField(spec, title == titles.end() ? QString() : title->second, this);
        m_layout->addWidget(field);
        m_fields.push_back(field);
        connect(field, &ParamField::changed, this, &ParamForm::changed);
    }
    setValues(kept);
}

void ParamForm::setValues(const Json& object)
{
    for (ParamField* field : m_fields)
        field->setValue(valueIn(field->spec(), object));
}

Json ParamForm::values(Which which) const
{
    Json object = Json::object();
    for (const ParamField* field : m_fields)
        if (which == Which::All || !field->isDefault())
            object[field->spec().name] =
                std::visit([](const auto& held) { return Json(held); }, field->value());
    return object;
}

bool ParamForm::isValid() const
{
    return std::all_of(m_fields.begin(), m_fields.end(),
                       [](const ParamField* field) { return field->isValid(); });
}

QString ParamForm::problem() const
{
    const auto bad = std::find_if(m_fields.begin(), m_fields.end(),
                                  [](const ParamField* field) { return !field->isValid(); });
    if (bad == m_fields.end())
        return {};
    return tr("%1: %2").arg((*bad)->title(), (*bad)->problem());
}

} // namespace lacuna
