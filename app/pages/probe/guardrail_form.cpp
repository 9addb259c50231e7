#include "app/pages/probe/guardrail_form.h"

#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/fold.h"
#include "widgets/form/param_form.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kDetailsHeight = 220;

const GuardrailInfo* infoOf(const QString& id)
{
    const Result<const GuardrailInfo*> info = guardrails().find(id.toStdString());
    return info ? *info : nullptr;
}

} // namespace

GuardrailForm::GuardrailForm(QWidget* parent) : QFrame(parent)
{
    setProperty("card", true);
    build();
    connect(m_box, &QComboBox::activated, this, [this] {
        choose();
        Q_EMIT changed();
    });
    connect(m_params, &ParamForm::changed, this, &GuardrailForm::changed);
    retranslate();
    choose();
    showAvailable();
}

void GuardrailForm::build()
{
    m_name = new QLabel;
    m_box = new CalmComboBox;
    m_box->setObjectName(u"guardrailBox"_s);
    m_box->addItem(QString(), QString());
    for (const GuardrailInfo& info : guardrails().entries())
        m_box->addItem(QString::fromStdString(info.title), QString::fromStdString(info.id));
    m_name->setBuddy(m_box);
    m_summary = secondaryText({});
    m_summary->setObjectName(u"guardrailSummary"_s);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_name);
    row->addWidget(m_box);
    row->addSpacing(8);
    row->addWidget(m_summary, 1);

    m_explanation = new QLabel;
    m_explanation->setObjectName(u"guardrailExplanation"_s);
    m_explanation->setWordWrap(true);
    m_source = secondaryText({});
    m_source->setObjectName(u"guardrailSource"_s);
    m_params = new ParamForm;
    m_params->setObjectName(u"guardrailParams"_s);
    auto* details = new QWidget;
    auto* inside = new QVBoxLayout(details);
    inside->setContentsMargins(0, 0, 8, 0);
    inside->setSpacing(8);
    inside->addWidget(m_explanation);
    inside->addWidget(m_source);
    inside->addWidget(m_params);
    inside->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setObjectName(u"guardrailDetails"_s);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedHeight(kDetailsHeight);
    scroll->setWidget(details);
    // The card shows through.
    scroll->viewport()->setAutoFillBackground(false);
    details->setAutoFillBackground(false);
    m_fold = new Fold;
    m_fold->setObjectName(u"guardrailFold"_s);
    m_fold->content()->addWidget(scroll);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 16, 8);
    layout->setSpacing(4);
    layout->addLayout(row);
    layout->addWidget(m_fold);
}

void GuardrailForm::setCorpora(const std::string& forget, const std::string& retain)
{
    if (forget == m_forget && retain == m_retain)
        return;
    m_forget = forget;
    m_retain = retain;
    showAvailable();
    Q_EMIT changed();
}

GuardrailRequest GuardrailForm::request() const
{
    const GuardrailInfo* chosen = info();
    if (!chosen || !problem().isEmpty())
        return {};
    Json object = m_params->values();
    object["id"] = chosen->id;
    Result<GuardrailSpec> spec = readGuardrailSpec(object, chosen->id);
    return {.spec = spec ? std::move(spec).value() : GuardrailSpec{},
            .forget = m_forget,
            .retain = m_retain};
}

QString GuardrailForm::title() const
{
    const GuardrailInfo* chosen = info();
    return chosen ? QString::fromStdString(chosen->title) : QString();
}

QString GuardrailForm::problem() const
{
    const GuardrailInfo* chosen = info();
    if (!chosen)
        return {};
    const QString lacking = missing(*chosen);
    return lacking.isEmpty() ? m_params->problem() : lacking;
}

void GuardrailForm::chooseNone()
{
    m_box->setCurrentIndex(0);
    choose();
    Q_EMIT changed();
}

void GuardrailForm::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        showAvailable();
    }
}

void GuardrailForm::retranslate()
{
    m_name->setText(tr("Guardrail before the original"));
    m_box->setAccessibleName(m_name->text());
    m_box->setItemText(0, tr("None"));
    m_fold->setTitle(tr("What it does, and its settings"));
    const GuardrailInfo* chosen = info();
    m_summary->setText(
        chosen ? tr("The original is asked once more, behind it. Its weights do not change: what "
                    "it knows is still there.")
               : tr("Asks the original once more with its answers kept in check, without changing "
                    "it."));
}

/// Makes the form of what is chosen.
void GuardrailForm::choose()
{
    const GuardrailInfo* chosen = info();
    m_fold->setVisible(chosen != nullptr);
    if (chosen) {
        m_explanation->setText(QString::fromStdString(chosen->explanation));
        m_source->setText(QString::fromStdString(chosen->source));
    }
    m_params->setSpecs(chosen ? chosen->params : std::vector<ParamSpec>());
    retranslate();
}

void GuardrailForm::showAvailable()
{
    auto* model = qobject_cast<QStandardItemModel*>(m_box->model());
    for (int i = 1; i < m_box->count(); ++i) {
        const GuardrailInfo& entry = *infoOf(m_box->itemData(i).toString());
        const QString reason = missing(entry);
        model->item(i)->setEnabled(reason.isEmpty());
        model->item(i)->setToolTip(reason.isEmpty() ? QString::fromStdString(entry.explanation)
                                                    : reason);
    }
}

const GuardrailInfo* GuardrailForm::info() const
{
    return infoOf(m_box->currentData().toString());
}

QString GuardrailForm::missing(const GuardrailInfo& info) const
{
    if (info.forget == CorpusNeed::Required && m_forget.empty())
        return tr("It is made of the forget set: choose one on the Setup page.");
    if (info.retain == CorpusNeed::Required && m_retain.empty())
        return tr("It is made of the retain set: choose one on the Setup page.");
    return {};
}

} // namespace lacuna
