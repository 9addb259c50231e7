#include "app/pages/setup/method_card.h"

#include "app/pages/setup/alternates_picker.h"
#include "app/pages/setup/controls_section.h"
#include "app/pages/setup/method_section.h"
#include "app/pages/setup/preset_row.h"
#include "app/pages/setup/recipe_form.h"
#include "app/pages/setup/scope_picker.h"
#include "app/pages/setup/sweep_section.h"
#include "app/workspace.h"
#include "widgets/base/theme.h"
#include "widgets/form/fold.h"
#include "widgets/form/text_list.h"

#include <QLabel>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

QStringList toTexts(const std::vector<std::string>& utf8)
{
    QStringList texts;
    for (const std::string& text : utf8)
        texts += QString::fromStdString(text);
    return texts;
}

} // namespace

MethodCard::MethodCard(Services& services, QWidget* parent) : SetupCard(services, parent)
{
    setObjectName(u"methodCard"_s);
    m_method = new MethodSection(this);
    m_alternates = new AlternatesPicker(services, this);
    m_trainingTitle = heading({}, 3);
    m_more = new Fold(this);
    m_more->setObjectName(u"moreTraining"_s);
    m_controlsTitle = heading({}, 3);
    m_controls = new ControlsSection(this);
    m_probesTitle = heading({}, 3);
    m_probesHelp = secondaryText({});
    m_probes = new TextList(this);
    m_probes->setObjectName(u"probes"_s);
    m_evaluation = new Fold(this);
    m_evaluation->setObjectName(u"moreEvaluation"_s);

    body()->addWidget(new PresetRow(services.workspace, this));
    body()->addSpacing(8);
    body()->addWidget(m_method);
    body()->addWidget(m_alternates);
    body()->addSpacing(8);
    body()->addWidget(m_trainingTitle);
    m_forms.push_back(addForm(body(), basicTraining));
    body()->addWidget(m_more);
    m_scope = new ScopePicker(services.workspace, services.background, this);
    for (const auto make : {moreTraining, scopeSection, machineSection, checkpointSection}) {
        m_forms.push_back(addForm(m_more->content(), make));
        if (make == scopeSection)
            m_more->content()->addWidget(m_scope);
    }
    body()->addSpacing(8);
    body()->addWidget(m_controlsTitle);
    body()->addWidget(m_controls);
    body()->addSpacing(8);
    body()->addWidget(m_probesTitle);
    body()->addWidget(m_probesHelp);
    body()->addWidget(m_probes);
    body()->addWidget(m_evaluation);
    m_forms.push_back(addForm(m_evaluation->content(), evaluationSection));
    m_sweep = new SweepSection(services.workspace, this);
    body()->addWidget(m_sweep);

    connect(m_method, &MethodSection::changed, this, [this] {
        if (m_method->problem().isEmpty())
            this->services().workspace.edit(
                [this](Recipe& recipe) { recipe.method = m_method->method(); });
        Q_EMIT stateChanged();
    });
    connect(m_alternates, &AlternatesPicker::changed, this, &SetupCard::stateChanged);
    connect(m_controls, &ControlsSection::changed, this, [this] {
        if (m_controls->problem().isEmpty())
            this->services().workspace.edit(
                [this](Recipe& recipe) { recipe.controls = m_controls->controls(); });
        Q_EMIT stateChanged();
    });
    connect(m_scope, &ScopePicker::changed, this, &SetupCard::stateChanged);
    connect(m_sweep, &SweepSection::changed, this, &SetupCard::stateChanged);
    connect(m_probes, &TextList::changed, this, [this] {
        this->services().workspace.edit([this](Recipe& recipe) {
            recipe.evaluation.probes.clear();
            for (const QString& prompt : m_probes->texts())
                recipe.evaluation.probes.push_back(prompt.toStdString());
        });
    });
    retranslate();
}

void MethodCard::follow(const Recipe& recipe)
{
    m_method->setMethod(recipe.method);
    m_method->setHasRetain(!recipe.retain.empty() || recipe.forget.empty());
    m_alternates->follow(recipe);
    for (RecipeForm* form : m_forms)
        form->follow(recipe);
    m_scope->follow(recipe);
    m_controls->setControls(recipe.controls);
    m_probes->setTexts(toTexts(recipe.evaluation.probes));
    m_sweep->follow();
}

QString MethodCard::problem() const
{
    for (const QString& problem : {m_method->problem(), m_alternates->problem(), m_scope->problem(),
                                   m_controls->problem(), m_sweep->problem()})
        if (!problem.isEmpty())
            return problem;
    for (const RecipeForm* form : m_forms)
        if (!form->isValid())
            return form->problem();
    return {};
}

void MethodCard::retranslate()
{
    setTitle(tr("3  Method"), tr("How the model is made to forget, and what it is held to."));
    m_trainingTitle->setText(tr("Training"));
    m_more->setTitle(tr("More training values"));
    m_controlsTitle->setText(tr("Guards"));
    m_probesTitle->setText(tr("Prompts to watch"));
    m_probesHelp->setText(tr("The model answers these at every evaluation, so that the change can "
                             "be read and not only measured."));
    m_probes->setNames(tr("Prompts to watch"), tr("Enter edits, Delete removes."));
    m_evaluation->setTitle(tr("More about evaluation"));
}

RecipeForm* MethodCard::addForm(QLayout* layout, RecipeSection (*make)())
{
    auto* form = new RecipeForm(services().workspace, make, this);
    layout->addWidget(form);
    connect(form, &ParamForm::changed, this, &SetupCard::stateChanged);
    return form;
}

} // namespace lacuna
