#include "app/pages/setup/method_section.h"

#include "core/methods/method.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/param_form.h"

#include <nlohmann/json.hpp>

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QStandardItemModel>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kNameWidth = 168; // as the fields of forms, so that editors stand in one column

std::string textAt(const Json& object, const char* key)
{
    return object.is_object() && object.contains(key) && object[key].is_string()
               ? object[key].get<std::string>()
               : std::string();
}

const MethodInfo* methodInfo(const std::string& id)
{
    const auto found = methods().find(id);
    return found ? *found : nullptr;
}

// The weights stand beside the parameters in a recipe, and no catalogue entry names them. Names and
// ranges are those that readMethodSpec() accepts.

ParamSpec forgetWeightSpec()
{
    return {.name = "forget_weight",
            .fallback = 1.0,
            .min = 0,
            .max = 1e6,
            .help = MethodSection::tr("How much forgetting counts in the sum.").toStdString()};
}

ParamSpec retainWeightSpec()
{
    return {.name = "weight",
            .fallback = 1.0,
            .min = 0,
            .max = 1e6,
            .help = MethodSection::tr("How much keeping counts in the sum.").toStdString()};
}

} // namespace

MethodSection::MethodSection(QWidget* parent) : QWidget(parent)
{
    m_methodName = new QLabel(this);
    m_methodName->setFixedWidth(kNameWidth);
    m_methods = new CalmComboBox(this);
    m_methods->setObjectName(u"method"_s);
    for (const MethodInfo& info : methods().entries())
        m_methods->addItem(QString::fromStdString(info.title), QString::fromStdString(info.id));
    m_explanation = new QLabel(this);
    m_explanation->setObjectName(u"methodExplanation"_s);
    m_explanation->setWordWrap(true);
    m_source = secondaryText({});
    m_params = new ParamForm(this);
    m_params->setObjectName(u"methodParams"_s);
    m_retainName = new QLabel(this);
    m_retainName->setFixedWidth(kNameWidth);
    m_retains = new CalmComboBox(this);
    m_retains->setObjectName(u"retainTerm"_s);
    m_retainNote = secondaryText({});
    m_retainNote->setObjectName(u"retainNote"_s);
    m_retainParams = new ParamForm(this);
    m_retainParams->setObjectName(u"retainParams"_s);
    m_methodName->setBuddy(m_methods);
    m_retainName->setBuddy(m_retains);

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(2, 1);
    grid->addWidget(m_methodName, 0, 0);
    grid->addWidget(m_methods, 0, 1);
    grid->addWidget(m_explanation, 1, 1, 1, 2);
    grid->addWidget(m_source, 2, 1, 1, 2);
    grid->setRowMinimumHeight(3, 8);
    grid->addWidget(m_params, 4, 0, 1, 3);
    grid->setRowMinimumHeight(5, 8);
    grid->addWidget(m_retainName, 6, 0);
    grid->addWidget(m_retains, 6, 1);
    grid->addWidget(m_retainNote, 7, 1, 1, 2);
    grid->setRowMinimumHeight(8, 8);
    grid->addWidget(m_retainParams, 9, 0, 1, 3);

    connect(m_methods, &QComboBox::activated, this, [this] {
        chooseMethod();
        Q_EMIT changed();
    });
    connect(m_retains, &QComboBox::activated, this, [this] {
        chooseRetain();
        Q_EMIT changed();
    });
    connect(m_params, &ParamForm::changed, this, &MethodSection::changed);
    connect(m_retainParams, &ParamForm::changed, this, &MethodSection::changed);
    chooseMethod();
    retranslate();
    showAvailable();
}

void MethodSection::setMethod(const Json& method)
{
    const std::string id = textAt(method, "id");
    const MethodInfo* info = methodInfo(id);
    if (!info)
        return; // the plan says what is wrong with it
    if (id != methodId()) {
        m_methods->setCurrentIndex(m_methods->findData(QString::fromStdString(id)));
        chooseMethod();
    }
    m_params->setValues(method);
    const bool given = method.contains("retain") && method["retain"].is_object();
    const bool none = method.contains("retain") && method["retain"].is_null() &&
                      info->retain == RetainUse::Optional;
    const std::string retain = given  ? textAt(method["retain"], "id")
                               : none ? std::string()
                                      : info->defaultRetain;
    if (retain != retainId()) {
        m_retains->setCurrentIndex(
            std::max(0, m_retains->findData(QString::fromStdString(retain))));
        chooseRetain();
    }
    m_retainParams->setValues(given ? method["retain"] : Json::object());
}

Json MethodSection::method() const
{
    Json method = m_params->values();
    method["id"] = methodId();
    if (const std::string retain = retainId(); !retain.empty()) {
        method["retain"] = m_retainParams->values();
        method["retain"]["id"] = retain;
    } else if (!methodInfo(methodId())->defaultRetain.empty()) {
        method["retain"] = nullptr; // left out, the method's own would be taken
    }
    return method;
}

void MethodSection::setHasRetain(bool has)
{
    if (m_hasRetain == has)
        return;
    m_hasRetain = has;
    showAvailable();
}

void MethodSection::showAvailable()
{
    auto* model = qobject_cast<QStandardItemModel*>(m_methods->model());
    for (int i = 0; i < m_methods->count(); ++i) {
        const MethodInfo* info = methodInfo(m_methods->itemData(i).toString().toStdString());
        const bool available = m_hasRetain || info->retain != RetainUse::Required;
        model->item(i)->setEnabled(available);
        model->item(i)->setToolTip(available ? QString::fromStdString(info->explanation)
                                             : tr("Needs a retain set: choose one above."));
    }
}

QString MethodSection::problem() const
{
    const QString first = m_params->problem();
    return first.isEmpty() ? m_retainParams->problem() : first;
}

void MethodSection::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange) {
        chooseMethod(); // the help of the weights is translated too
        showAvailable();
    }
    QWidget::changeEvent(event);
}

/// Fills in what follows from the method: its parameters, and the retain terms it takes.
void MethodSection::chooseMethod()
{
    const MethodInfo* info = methodInfo(methodId());
    std::vector<ParamSpec> specs = info->params;
    specs.push_back(forgetWeightSpec());
    m_params->setSpecs(specs);
    const std::string before = retainId();
    m_retains->clear();
    if (info->retain != RetainUse::Required)
        m_retains->addItem(QString(), QString()); // none
    if (info->retain != RetainUse::Never)
        for (const RetainTermInfo& term : retainTerms().entries())
            m_retains->addItem(QString::fromStdString(term.title), QString::fromStdString(term.id));
    const std::string wanted =
        before.empty() || info->retain == RetainUse::Never ? info->defaultRetain : before;
    m_retains->setCurrentIndex(std::max(0, m_retains->findData(QString::fromStdString(wanted))));
    m_retains->setEnabled(info->retain != RetainUse::Never);
    chooseRetain();
    retranslate();
}

void MethodSection::chooseRetain()
{
    std::vector<ParamSpec> specs;
    if (const auto term = retainTerms().find(retainId())) {
        specs = (*term)->params;
        specs.push_back(retainWeightSpec());
    }
    m_retainParams->setSpecs(specs, {{"weight", tr("Retain weight")}});
    m_retainParams->setVisible(!specs.empty());
    showMethod();
}

void MethodSection::showMethod()
{
    const MethodInfo* info = methodInfo(methodId());
    m_explanation->setText(QString::fromStdString(info->explanation));
    m_source->setText(tr("Source: %1").arg(QString::fromStdString(info->source)));
    QStringList notes;
    if (info->retain == RetainUse::Required)
        notes += tr("This method needs a retain set.");
    if (info->retain == RetainUse::Never)
        notes += tr("This method works on the forget set alone.");
    if (const auto term = retainTerms().find(retainId())) {
        notes += QString::fromStdString((*term)->explanation);
        notes += tr("Source: %1").arg(QString::fromStdString((*term)->source));
    } else if (info->retain == RetainUse::Optional) {
        notes += tr("Without one, nothing holds the rest of the model in place.");
    }
    m_retainNote->setText(notes.join(u' '));
}

void MethodSection::retranslate()
{
    m_methodName->setText(tr("Method"));
    m_methods->setAccessibleName(tr("Method"));
    m_retainName->setText(tr("Keep the rest by"));
    m_retains->setAccessibleName(tr("Retain term"));
    if (const int none = m_retains->findData(QString()); none >= 0)
        m_retains->setItemText(none, tr("nothing"));
    showMethod();
}

std::string MethodSection::methodId() const
{
    return m_methods->currentData().toString().toStdString();
}

std::string MethodSection::retainId() const
{
    return m_retains->currentData().toString().toStdString();
}

} // namespace lacuna
