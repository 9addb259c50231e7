#include "widgets/table/column_filter.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(lacuna::ColumnFilter)
};

struct Amount {
    double value = 0;
    double tolerance = 0;
};

/// A number in the person's own notation, else in the one with a decimal point.
std::optional<Amount> readNumber(const QString& text, const QLocale& locale)
{
    for (QLocale one : {locale, QLocale::c()}) {
        one.setNumberOptions(QLocale::RejectGroupSeparator);
        bool ok = false;
        const double value = one.toDouble(text, &ok);
        if (!ok)
            continue;
        const qsizetype exponentAt = text.indexOf(u'e', 0, Qt::CaseInsensitive);
        const QString mantissa = text.left(exponentAt < 0 ? text.size() : exponentAt);
        const qsizetype point = mantissa.indexOf(one.decimalPoint());
        const auto decimals = point < 0 ? 0 : static_cast<double>(mantissa.size() - point - 1);
        const double exponent = exponentAt < 0 ? 0 : text.mid(exponentAt + 1).toDouble();
        return Amount{.value = value, .tolerance = 0.5 * std::pow(10.0, exponent - decimals)};
    }
    return std::nullopt;
}

double secondsOf(QStringView unit)
{
    if (unit == u"d")
        return 86400;
    if (unit == u"h")
        return 3600;
    return unit.startsWith(u'm') ? 60 : 1;
}

/// "90", "14.6 s", "2 min 5 s", "1.5 h".
std::optional<Amount> readDuration(const QString& text, const QLocale& locale)
{
    static const QRegularExpression part(uR"(([0-9.,]+)\s*(d|h|min|m|sec|s|)(?:\s+|$))"_s);
    Amount sum;
    qsizetype at = 0;
    while (at < text.size()) {
        const QRegularExpressionMatch match =
            part.match(text, at, QRegularExpression::NormalMatch,
                       QRegularExpression::AnchorAtOffsetMatchOption);
        if (!match.hasMatch())
            return std::nullopt;
        const std::optional<Amount> amount = readNumber(match.captured(1), locale);
        if (!amount)
            return std::nullopt;
        const double factor = secondsOf(match.capturedView(2));
        sum.value += amount->value * factor;
        sum.tolerance = amount->tolerance * factor;
        at = match.capturedEnd();
    }
    return sum;
}

// What value_text.h shows: four significant digits; tenths of a second, seconds, or minutes.

double halfShownNumber(double value)
{
    return value == 0 ? 0 : 0.5 * std::pow(10.0, std::floor(std::log10(std::abs(value))) - 3);
}

double halfShownDuration(double seconds)
{
    if (seconds < 60)
        return 0.05;
    return seconds < 3600 ? 0.5 : 30;
}

} // namespace

ColumnFilter ColumnFilter::parse(const QString& expression, ColumnKind kind, const QLocale& locale)
{
    ColumnFilter filter;
    filter.m_kind = kind;
    filter.m_locale = locale;
    const QString text = expression.trimmed();
    if (text.isEmpty())
        return filter;

    if (text.size() > 1 && text.startsWith(u'/') && text.endsWith(u'/')) {
        filter.m_regex.setPattern(text.mid(1, text.size() - 2));
        filter.m_regex.setPatternOptions(QRegularExpression::CaseInsensitiveOption |
                                         QRegularExpression::UseUnicodePropertiesOption);
        if (filter.m_regex.isValid())
            filter.m_test = Test::Regex;
        else
            filter.m_problem =
                Texts::tr("The pattern cannot be read: %1").arg(filter.m_regex.errorString());
    } else if (!filter.readOperator(text) && !filter.readRange(text)) {
        filter.m_test = Test::Contains;
        filter.m_low.text = text;
    }
    if (!filter.m_problem.isEmpty())
        filter.m_test = Test::Any;
    return filter;
}

/// \return whether \p expression begins with an operator
bool ColumnFilter::readOperator(const QString& expression)
{
    struct Operator {
        QLatin1StringView sign;
        Test test;
    };
    static constexpr Operator kOperators[] = {
        {">="_L1, Test::GreaterEqual}, {"<="_L1, Test::LessEqual}, {"!="_L1, Test::NotEqual},
        {"<>"_L1, Test::NotEqual},     {">"_L1, Test::Greater},    {"<"_L1, Test::Less},
        {"="_L1, Test::Equal}};
    const auto* found =
        std::find_if(std::begin(kOperators), std::end(kOperators),
                     [&](const Operator& one) { return expression.startsWith(one.sign); });
    if (found == std::end(kOperators))
        return false;
    const QString operand = expression.mid(found->sign.size()).trimmed();
    if (!operand.isEmpty() && readOperand(operand, m_low))
        m_test = found->test;
    return true;
}

/// \return whether \p expression is a range; in a column of texts a tilde is a letter like others
bool ColumnFilter::readRange(const QString& expression)
{
    const qsizetype tilde = expression.indexOf(u'~');
    if (m_kind == ColumnKind::Text || tilde < 0)
        return false;
    const QString low = expression.left(tilde).trimmed();
    const QString high = expression.mid(tilde + 1).trimmed();
    if ((low.isEmpty() || readOperand(low, m_low)) &&
        (high.isEmpty() || readOperand(high, m_high)) && !low.isEmpty() && !high.isEmpty())
        m_test = Test::Range;
    return true;
}

bool ColumnFilter::readOperand(const QString& text, Operand& operand)
{
    operand.text = text;
    if (m_kind == ColumnKind::Time) {
        static const QRegularExpression begun(uR"(^\d{4}(-\d{2}(-\d{2}( \d{2}(:\d{2})?)?)?)?$)"_s);
        if (begun.match(text).hasMatch())
            return true;
        m_problem = Texts::tr("Write a date such as 2026-03-01, or only 2026-03.");
        return false;
    }
    if (!isNumeric())
        return true;
    const std::optional<Amount> amount =
        m_kind == ColumnKind::Duration ? readDuration(text, m_locale) : readNumber(text, m_locale);
    if (!amount) {
        m_problem =
            m_kind == ColumnKind::Duration
                ? Texts::tr("\u201c%1\u201d is no duration; write 90 s, 2 min or 1.5 h.").arg(text)
                : Texts::tr("\u201c%1\u201d is no number.").arg(text);
        return false;
    }
    operand.number = amount->value;
    operand.typed = amount->tolerance;
    operand.shown =
        std::min(operand.typed, m_kind == ColumnKind::Duration ? halfShownDuration(amount->value)
                                                               : halfShownNumber(amount->value));
    return true;
}

bool ColumnFilter::isNumeric() const
{
    return m_kind == ColumnKind::Number || m_kind == ColumnKind::Duration;
}

int ColumnFilter::order(const FilterCell& cell, const Operand& operand, double tolerance) const
{
    if (isNumeric()) {
        // A little more than the tolerance: halves are not exact in binary.
        const double difference = cell.number - operand.number;
        if (std::abs(difference) <= tolerance * (1 + 1e-9))
            return 0;
        return difference < 0 ? -1 : 1;
    }
    const QString text = cell.texts.value(0);
    if (m_kind == ColumnKind::Time)
        return text.left(operand.text.size()).compare(operand.text);
    return text.compare(operand.text, Qt::CaseInsensitive);
}

bool ColumnFilter::isEqual(const FilterCell& cell) const
{
    if (m_kind != ColumnKind::Text)
        return order(cell, m_low, m_low.typed) == 0;
    // A cell may go by several names, such as the title and the id of a method.
    return std::any_of(cell.texts.begin(), cell.texts.end(), [&](const QString& text) {
        return text.compare(m_low.text, Qt::CaseInsensitive) == 0;
    });
}

bool ColumnFilter::fits(const FilterCell& cell) const
{
    const auto anyText = [&](auto fitsText) {
        return std::any_of(cell.texts.begin(), cell.texts.end(), fitsText);
    };
    const auto isDefined = [&] {
        return isNumeric() ? !std::isnan(cell.number) : !cell.texts.value(0).isEmpty();
    };
    switch (m_test) {
    case Test::Any:
        return true;
    case Test::Contains:
        return anyText(
            [&](const QString& text) { return text.contains(m_low.text, Qt::CaseInsensitive); });
    case Test::Regex:
        return anyText([&](const QString& text) { return m_regex.match(text).hasMatch(); });
    case Test::Equal:
        return isDefined() && isEqual(cell);
    case Test::NotEqual:
        return !isDefined() || !isEqual(cell);
    case Test::Less:
        return isDefined() && order(cell, m_low, 0) < 0;
    case Test::LessEqual:
        return isDefined() && order(cell, m_low, m_low.shown) <= 0;
    case Test::Greater:
        return isDefined() && order(cell, m_low, 0) > 0;
    case Test::GreaterEqual:
        return isDefined() && order(cell, m_low, m_low.shown) >= 0;
    case Test::Range:
        return isDefined() && order(cell, m_low, m_low.shown) >= 0 &&
               order(cell, m_high, m_high.shown) <= 0;
    }
    return true;
}

} // namespace lacuna
