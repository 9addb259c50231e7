#include "app/pages/stress/attack_row.h"

#include "widgets/base/theme.h"
#include "widgets/form/param_form.h"
#include "widgets/table/value_text.h"

#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QToolButton>
#include <QVBoxLayout>

#include <nlohmann/json.hpp>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIndent = 24;

} // namespace

AttackRow::AttackRow(const AttackInfo& info, QWidget* parent)
    : QWidget(parent), m_info(info), m_choice(new QCheckBox), m_time(secondaryText({})),
      m_more(new QToolButton), m_body(new QWidget), m_explanation(secondaryText({})),
      m_form(new ParamForm)
{
    const QString id = QString::fromStdString(info.id);
    m_choice->setObjectName(u"attack-"_s + id);
    m_choice->setText(QString::fromStdString(info.title));
    m_choice->setToolTip(QString::fromStdString(info.explanation));
    m_choice->setChecked(!info.needsFile);
    m_time->setObjectName(u"attackTime-"_s + id);
    m_time->setWordWrap(false);
    m_time->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_more->setObjectName(u"attackMore-"_s + id);
    m_more->setCheckable(true);
    m_more->setAutoRaise(true);
    m_more->setArrowType(Qt::RightArrow);
    m_form->setObjectName(u"attackParams-"_s + id);
    m_form->setSpecs(info.params);
    m_body->hide();

    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_more);
    line->addWidget(m_choice, 1);
    line->addWidget(m_time);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(kIndent, 0, 0, 8);
    body->setSpacing(8);
    body->addWidget(m_explanation);
    body->addWidget(m_form);
    m_form->setVisible(!m_form->isEmpty());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(line);
    layout->addWidget(m_body);
    connect(m_more, &QToolButton::toggled, this, [this](bool open) {
        m_more->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        m_body->setVisible(open);
    });
    connect(m_choice, &QCheckBox::clicked, this, &AttackRow::changed);
    connect(m_form, &ParamForm::changed, this, &AttackRow::changed);
    retranslate();
}

bool AttackRow::isChosen() const
{
    return m_choice->isChecked();
}

Result<AttackSpec> AttackRow::spec() const
{
    if (!m_form->isValid())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = m_form->problem().toStdString(),
                     .context = m_info.title};
    Json object = m_form->values(ParamForm::Which::Changed);
    object["id"] = m_info.id;
    return readAttackSpec(object, m_info.title);
}

void AttackRow::setChosen(bool chosen)
{
    m_choice->setChecked(chosen);
}

void AttackRow::setSeconds(std::optional<double> seconds)
{
    m_seconds = seconds;
    retranslate();
}

void AttackRow::setWorking(bool working)
{
    m_working = working;
    retranslate();
}

void AttackRow::setEditable(bool editable)
{
    m_choice->setEnabled(editable);
    m_form->setEnabled(editable);
}

void AttackRow::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void AttackRow::retranslate()
{
    const QString title = QString::fromStdString(m_info.title);
    m_more->setAccessibleName(tr("What \u201c%1\u201d does, and its settings").arg(title));
    m_more->setToolTip(m_more->accessibleName());
    m_explanation->setText(
        QString::fromStdString(m_info.explanation) +
        (m_info.needs.empty() ? QString()
                              : u' ' + tr("Needs %1.").arg(QString::fromStdString(m_info.needs))) +
        u"\n"_s + QString::fromStdString(m_info.source));
    m_time->setText(m_working   ? tr("now\u2026")
                    : m_seconds ? tr("about %1").arg(durationText(*m_seconds, QLocale()))
                                : QString());
    m_time->setToolTip(m_seconds ? tr("For one model, from what a first pass took.") : QString());
}

} // namespace lacuna
