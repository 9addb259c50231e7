#include "widgets/form/param_field.h"

#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/note_line.h"
#include "widgets/form/number_text.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kNameWidth = 168;
constexpr int kEditorWidth = 200;
constexpr double kLargestExact = 9007199254740992.0; ///< 2^53: every integer up to it is a double

QString toText(const ParamValue& value, const QLocale& locale)
{
    if (const auto* number = std::get_if<double>(&value))
        return numberText(*number, locale);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return QString::number(*integer);
    if (const auto* text = std::get_if<std::string>(&value))
        return QString::fromStdString(*text);
    return std::get<bool>(value) ? QCoreApplication::translate("ParamField", "on")
                                 : QCoreApplication::translate("ParamField", "off");
}

bool isText(const ParamSpec& spec)
{
    return std::holds_alternative<std::string>(spec.fallback);
}

bool isInteger(const ParamSpec& spec)
{
    return std::holds_alternative<std::int64_t>(spec.fallback);
}

} // namespace

QString paramTitle(const std::string& name)
{
    QString title = QString::fromStdString(name).replace(u'_', u' ').replace(u'-', u' ');
    if (!title.isEmpty())
        title.front() = title.front().toUpper();
    return title;
}

QString paramRange(const ParamSpec& spec)
{
    const QLocale locale;
    if (spec.min && spec.max)
        return QCoreApplication::translate("ParamField", "between %1 and %2")
            .arg(numberText(*spec.min, locale), numberText(*spec.max, locale));
    if (spec.min)
        return QCoreApplication::translate("ParamField", "at least %1")
            .arg(numberText(*spec.min, locale));
    if (spec.max)
        return QCoreApplication::translate("ParamField", "at most %1")
            .arg(numberText(*spec.max, locale));
    return {};
}

ParamField::ParamField(ParamSpec spec, const QString& title, QWidget* parent)
    : QWidget(parent), m_spec(std::move(spec)), m_title(title), m_value(m_spec.fallback)
{
    m_name = new QLabel(this);
    m_name->setFixedWidth(kNameWidth);
    m_name->setWordWrap(true);
    QWidget* editor = makeEditor();
    editor->setObjectName(QString::fromStdString(m_spec.name));
    m_name->setBuddy(editor);
    m_unit = new QLabel(this);
    m_unit->setProperty("secondary", true);
    m_reset = new QToolButton(this);
    m_reset->setObjectName(QString::fromStdString(m_spec.name) + u"-reset"_s);
    m_reset->setText(u"↺"_s);
    m_reset->setAutoRaise(true);
    m_reset->setMinimumSize(24, 24);
    QSizePolicy keepsRoom = m_reset->sizePolicy();
    keepsRoom.setRetainSizeWhenHidden(true);
    m_reset->setSizePolicy(keepsRoom);
    m_help = secondaryText({});
    m_note = new NoteLine(this);
    m_note->setObjectName(QString::fromStdString(m_spec.name) + u"-problem"_s);

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(2);
    grid->addWidget(m_name, 0, 0);
    grid->addWidget(editor, 0, 1);
    grid->addWidget(m_reset, 0, 2);
    grid->addWidget(m_unit, 0, 3);
    grid->setColumnStretch(4, 1);
    grid->addWidget(m_note, 1, 1, 1, 4);
    grid->addWidget(m_help, 2, 1, 1, 4);

    connect(m_reset, &QToolButton::clicked, this, [this] {
        m_problem.clear();
        m_value = m_spec.fallback;
        showValue();
        showState();
        Q_EMIT changed();
    });
    showValue();
    retranslate();
}

QString ParamField::title() const
{
    return m_title.isEmpty() ? paramTitle(m_spec.name) : m_title;
}

void ParamField::setValue(const ParamValue& value)
{
    if (value == m_value)
        return;
    m_problem.clear();
    m_value = value;
    showValue();
    showState();
}

void ParamField::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

QWidget* ParamField::makeEditor()
{
    if (std::holds_alternative<bool>(m_spec.fallback)) {
        m_check = new QCheckBox(this);
        connect(m_check, &QCheckBox::clicked, this, [this](bool on) { accept(on); });
        return m_check;
    }
    if (!m_spec.choices.empty()) {
        m_combo = new CalmComboBox(this);
        m_combo->setFixedWidth(kEditorWidth);
        for (const std::string& choice : m_spec.choices)
            m_combo->addItem(QString::fromStdString(choice));
        connect(m_combo, &QComboBox::activated, this,
                [this] { accept(m_combo->currentText().toStdString()); });
        return m_combo;
    }
    m_line = new QLineEdit(this);
    m_line->setFixedWidth(kEditorWidth);
    connect(m_line, &QLineEdit::textEdited, this, &ParamField::take);
    return m_line;
}

void ParamField::showValue()
{
    if (m_check)
        m_check->setChecked(std::get<bool>(m_value));
    else if (m_combo)
        m_combo->setCurrentText(toText(m_value, locale()));
    else
        m_line->setText(toText(m_value, locale()));
}

void ParamField::take(const QString& text)
{
    if (isText(m_spec)) {
        accept(text.toStdString());
        return;
    }
    const std::optional<double> number = parseNumber(text, locale());
    if (!number) {
        refuse(text.trimmed().isEmpty() ? tr("A number is needed here.")
                                        : tr("This is not a number; write 0.001 or 1e-3."));
        return;
    }
    const bool whole = std::floor(*number) == *number && std::abs(*number) <= kLargestExact;
    if (isInteger(m_spec) && !whole) {
        refuse(tr("A whole number is needed here."));
        return;
    }
    if ((m_spec.min && *number < *m_spec.min) || (m_spec.max && *number > *m_spec.max)) {
        refuse(tr("This must be %1.").arg(paramRange(m_spec)));
        return;
    }
    if (isInteger(m_spec))
        accept(static_cast<std::int64_t>(*number));
    else
        accept(*number);
}

void ParamField::accept(const ParamValue& value)
{
    m_problem.clear();
    m_value = value;
    showState();
    Q_EMIT changed();
}

void ParamField::refuse(const QString& problem)
{
    m_problem = problem;
    showState();
    Q_EMIT changed();
}

void ParamField::showState()
{
    m_reset->setVisible(!isDefault() || !isValid());
    m_note->setNote(MessageKind::Error, m_problem);
    m_note->setVisible(!isValid());
}

void ParamField::retranslate()
{
    QString help = QString::fromStdString(m_spec.help);
    if (!help.isEmpty()) {
        help.front() = help.front().toUpper();
        if (!help.endsWith(u'.'))
            help += u'.';
    }
    const QString fallback = toText(m_spec.fallback, locale());
    QStringList more;
    if (!help.isEmpty())
        more += help;
    if (const QString range = paramRange(m_spec); !range.isEmpty())
        more += tr("Range: %1.").arg(range);
    if (!m_spec.unit.empty())
        more += tr("Unit: %1.").arg(QString::fromStdString(m_spec.unit));
    if (!fallback.isEmpty())
        more += m_spec.provenance.empty()
                    ? tr("Default: %1.").arg(fallback)
                    : tr("Default: %1, from %2.")
                          .arg(fallback, QString::fromStdString(m_spec.provenance));
    more += tr("In recipes: %1").arg(QString::fromStdString(m_spec.name));

    m_name->setText(title());
    m_unit->setText(QString::fromStdString(m_spec.unit));
    m_help->setText(help);
    m_help->setVisible(!help.isEmpty());
    m_reset->setToolTip(tr("Back to the default, %1").arg(fallback));
    m_reset->setAccessibleName(tr("Reset %1").arg(title()));
    QWidget* editor = m_name->buddy();
    editor->setAccessibleName(title());
    editor->setAccessibleDescription(more.join(u' '));
    for (QWidget* part : {editor, static_cast<QWidget*>(m_name), static_cast<QWidget*>(m_help)})
        part->setToolTip(more.join(u'\n'));
    showState();
}

} // namespace lacuna
