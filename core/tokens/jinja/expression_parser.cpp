#include "core/tokens/jinja/expression_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace lacuna::jinja {
namespace {

using Kind = Token::Kind;

/// Of one expression's tree, of which a long `a + b + c` is one: it is walked, and freed, by
/// functions that call themselves.
constexpr int kHighest = 200;

/// The relation that the stream stands at, which is then taken.
std::optional<Relation> takeRelation(TokenStream& stream)
{
    constexpr std::array<std::pair<std::string_view, Relation>, 6> kSigns = {{
        {"==", Relation::Equal},
        {"!=", Relation::NotEqual},
        {"<", Relation::Less},
        {"<=", Relation::LessEqual},
        {">", Relation::Greater},
        {">=", Relation::GreaterEqual},
    }};
    for (const auto& [sign, relation] : kSigns)
        if (stream.skipSign(sign))
            return relation;
    if (stream.skipName("in"))
        return Relation::In;
    return std::nullopt;
}

} // namespace

template <class Form> ExpressionPtr ExpressionParser::make(Form form, int line)
{
    auto made = std::make_unique<Expression>(Expression{.form = std::move(form), .line = line});
    made->height = heightBelow(*made) + 1;
    if (made->height > kHighest)
        fail(fmt::format("an expression is more than {} operations deep", kHighest));
    return made;
}

ExpressionPtr ExpressionParser::expression(bool conditional)
{
    const TokenStream::Level level(m_stream);
    return conditional ? conditionalChain() : disjunction();
}

ExpressionPtr ExpressionParser::tuple(bool conditional)
{
    const int line = m_stream.line();
    std::vector<ExpressionPtr> items;
    bool comma = false;
    while (!endsTuple()) {
        items.push_back(expression(conditional));
        if (!m_stream.skipSign(","))
            break;
        comma = true;
    }
    if (items.empty())
        m_stream.refuse("an expression");
    if (!comma)
        return std::move(items.front());
    return make(ListDisplay{.items = std::move(items), .tuple = true}, line);
}

bool ExpressionParser::endsTuple() const
{
    const Token& token = m_stream.current();
    return token.kind == Kind::PrintEnd || token.kind == Kind::StatementEnd || token.isSign(")");
}

std::vector<ExpressionPtr> ExpressionParser::bareFilters()
{
    std::vector<ExpressionPtr> filters;
    while (m_stream.skipSign("|"))
        filters.push_back(filter(nullptr));
    return filters;
}

ExpressionPtr ExpressionParser::conditionalChain()
{
    ExpressionPtr value = disjunction();
    while (m_stream.current().isName("if")) {
        const int line = m_stream.take().line;
        ExpressionPtr condition = disjunction();
        ExpressionPtr no = m_stream.skipName("else") ? expression() : nullptr;
        value = make(Conditional{.condition = std::move(condition),
                                 .yes = std::move(value),
                                 .no = std::move(no)},
                     line);
    }
    return value;
}

ExpressionPtr ExpressionParser::disjunction()
{
    ExpressionPtr left = conjunction();
    while (m_stream.current().isName("or")) {
        const int line = m_stream.take().line;
        left = make(Logical{.conjunction = false, .left = std::move(left), .right = conjunction()},
                    line);
    }
    return left;
}

ExpressionPtr ExpressionParser::conjunction()
{
    ExpressionPtr left = negation();
    while (m_stream.current().isName("and")) {
        const int line = m_stream.take().line;
        left =
            make(Logical{.conjunction = true, .left = std::move(left), .right = negation()}, line);
    }
    return left;
}

ExpressionPtr ExpressionParser::negation()
{
    if (!m_stream.current().isName("not"))
        return comparison();
    const TokenStream::Level level(m_stream);
    const int line = m_stream.take().line;
    return make(Not{.operand = negation()}, line);
}

ExpressionPtr ExpressionParser::comparison()
{
    const int line = m_stream.line();
    ExpressionPtr first = sum();
    std::vector<std::pair<Relation, ExpressionPtr>> others;
    while (true) {
        std::optional<Relation> relation = takeRelation(m_stream);
        if (!relation && m_stream.current().isName("not")) {
            m_stream.take();
            if (!m_stream.skipName("in"))
                m_stream.refuse("\"in\"");
            relation = Relation::NotIn;
        }
        if (!relation)
            break;
        others.emplace_back(*relation, sum());
    }
    if (others.empty())
        return first;
    return make(Comparison{.first = std::move(first), .others = std::move(others)}, line);
}

ExpressionPtr ExpressionParser::sum()
{
    ExpressionPtr left = concatenation();
    while (m_stream.current().isSign("+") || m_stream.current().isSign("-")) {
        const Token sign = m_stream.take();
        left = make(Binary{.op = sign.text == "+" ? Arithmetic::Add : Arithmetic::Subtract,
                           .left = std::move(left),
                           .right = concatenation()},
                    sign.line);
    }
    return left;
}

ExpressionPtr ExpressionParser::concatenation()
{
    const int line = m_stream.line();
    std::vector<ExpressionPtr> parts;
    do
        parts.push_back(product());
    while (m_stream.skipSign("~"));
    return parts.size() == 1 ? std::move(parts.front())
                             : make(Concatenation{.parts = std::move(parts)}, line);
}

ExpressionPtr ExpressionParser::product()
{
    constexpr std::array<std::pair<std::string_view, Arithmetic>, 4> kSigns = {{
        {"*", Arithmetic::Multiply},
        {"/", Arithmetic::Divide},
        {"//", Arithmetic::FloorDivide},
        {"%", Arithmetic::Remainder},
    }};
    ExpressionPtr left = power();
    while (true) {
        const auto* found = std::find_if(kSigns.begin(), kSigns.end(), [&](const auto& entry) {
            return m_stream.current().isSign(entry.first);
        });
        if (found == kSigns.end())
            return left;
        const int line = m_stream.take().line;
        left = make(Binary{.op = found->second, .left = std::move(left), .right = power()}, line);
    }
}

ExpressionPtr ExpressionParser::power()
{
    ExpressionPtr left = signedValue();
    while (m_stream.current().isSign("**")) { // from the left, unlike Python's
        const int line = m_stream.take().line;
        left = make(
            Binary{.op = Arithmetic::Power, .left = std::move(left), .right = signedValue()}, line);
    }
    return left;
}

/// \param filters  whether filters and tests behind belong to it: in `-1|abs` to the whole, which
///                 the outermost call takes
ExpressionPtr ExpressionParser::signedValue(bool filters)
{
    ExpressionPtr value;
    if (m_stream.current().isSign("-") || m_stream.current().isSign("+")) {
        const TokenStream::Level level(m_stream);
        const Token sign = m_stream.take();
        value =
            make(Signed{.operand = signedValue(false), .negative = sign.text == "-"}, sign.line);
    } else {
        value = primary();
    }
    value = withPostfix(std::move(value));
    return filters ? withFilters(std::move(value)) : std::move(value);
}

ExpressionPtr ExpressionParser::primary()
{
    const Token& token = m_stream.current();
    const int line = token.line;
    switch (token.kind) {
    case Kind::Name: {
        const std::string name = m_stream.take().text;
        if (name == "true" || name == "True" || name == "false" || name == "False")
            return make(Literal{.value = name == "true" || name == "True"}, line);
        if (name == "none" || name == "None")
            return make(Literal{.value = {}}, line);
        return make(Name{.name = name}, line);
    }
    case Kind::Text: {
        std::string text;
        while (m_stream.current().kind == Kind::Text)
            text += m_stream.take().text;
        return make(Literal{.value = Value(Value::State(
                                std::make_shared<const std::string>(std::move(text))))},
                    line);
    }
    case Kind::Whole:
        return make(Literal{.value = m_stream.take().whole}, line);
    case Kind::Real:
        return make(Literal{.value = m_stream.take().real}, line);
    default:
        return bracketed();
    }
}

ExpressionPtr ExpressionParser::bracketed()
{
    const int line = m_stream.line();
    if (m_stream.skipSign("(")) {
        if (m_stream.skipSign(")"))
            return make(ListDisplay{.items = {}, .tuple = true}, line);
        ExpressionPtr value = tuple();
        m_stream.expectSign(")");
        return value;
    }
    if (m_stream.skipSign("["))
        return list();
    if (m_stream.skipSign("{"))
        return dict();
    m_stream.refuse("an expression");
}

ExpressionPtr ExpressionParser::list()
{
    const int line = m_stream.line();
    std::vector<ExpressionPtr> items;
    while (!m_stream.current().isSign("]")) {
        items.push_back(expression());
        if (!m_stream.skipSign(","))
            break;
    }
    m_stream.expectSign("]");
    return make(ListDisplay{.items = std::move(items)}, line);
}

ExpressionPtr ExpressionParser::dict()
{
    const int line = m_stream.line();
    DictDisplay form;
    while (!m_stream.current().isSign("}")) {
        ExpressionPtr key = expression();
        m_stream.expectSign(":");
        form.entries.emplace_back(std::move(key), expression());
        if (!m_stream.skipSign(","))
            break;
    }
    m_stream.expectSign("}");
    return make(std::move(form), line);
}

ExpressionPtr ExpressionParser::withPostfix(ExpressionPtr value)
{
    while (true) {
        if (m_stream.skipSign("."))
            value = field(std::move(value));
        else if (m_stream.skipSign("["))
            value = subscript(std::move(value));
        else if (m_stream.current().isSign("(")) {
            const int line = m_stream.line();
            value = make(Call{.function = std::move(value), .arguments = arguments()}, line);
        } else
            return value;
    }
}

ExpressionPtr ExpressionParser::withFilters(ExpressionPtr value)
{
    while (true) {
        if (m_stream.skipSign("|"))
            value = filter(std::move(value));
        else if (m_stream.skipName("is"))
            value = test(std::move(value));
        else if (m_stream.current().isSign("(")) {
            const int line = m_stream.line();
            value = make(Call{.function = std::move(value), .arguments = arguments()}, line);
        } else
            return value;
    }
}

ExpressionPtr ExpressionParser::field(ExpressionPtr object)
{
    const int line = m_stream.line();
    if (m_stream.current().kind == Kind::Whole)
        return make(Item{.object = std::move(object),
                         .index = make(Literal{.value = m_stream.take().whole}, line)},
                    line);
    return make(Field{.object = std::move(object), .name = m_stream.expectName()}, line);
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr object)
{
    const int line = m_stream.line();
    std::array<ExpressionPtr, 3> bounds;
    std::size_t colons = 0;
    while (!m_stream.current().isSign("]")) {
        if (colons < 2 && m_stream.skipSign(":")) {
            ++colons;
            continue;
        }
        if (bounds[colons])
            break;
        bounds[colons] = expression();
    }
    m_stream.expectSign("]");
    if (colons > 0)
        return make(Slice{.object = std::move(object),
                          .begin = std::move(bounds[0]),
                          .end = std::move(bounds[1]),
                          .step = std::move(bounds[2])},
                    line);
    if (!bounds[0])
        m_stream.refuse("an index before");
    return make(Item{.object = std::move(object), .index = std::move(bounds[0])}, line);
}

ExpressionPtr ExpressionParser::filter(ExpressionPtr input)
{
    const int line = m_stream.line();
    Filter form{.input = std::move(input), .name = m_stream.expectName()};
    if (m_stream.current().isSign("("))
        form.arguments = arguments();
    return make(std::move(form), line);
}

ExpressionPtr ExpressionParser::test(ExpressionPtr input)
{
    const int line = m_stream.line();
    Test form{.input = std::move(input)};
    form.negated = m_stream.skipName("not");
    form.name = m_stream.expectName();
    const Token& next = m_stream.current();
    const bool value = next.kind == Kind::Text || next.kind == Kind::Whole ||
                       next.kind == Kind::Real || next.isSign("[") || next.isSign("{") ||
                       (next.kind == Kind::Name && !next.isName("else") && !next.isName("or") &&
                        !next.isName("and"));
    if (next.isSign("(")) {
        form.arguments = arguments();
    } else if (value) { // `is divisibleby 3`
        if (next.isName("is"))
            m_stream.refuse("\"and\" between two tests");
        form.arguments.positional.push_back(withPostfix(primary()));
    }
    return make(std::move(form), line);
}

ArgumentList ExpressionParser::arguments()
{
    const TokenStream::Level level(m_stream);
    m_stream.expectSign("(");
    ArgumentList list;
    while (!m_stream.current().isSign(")")) {
        if (m_stream.current().isSign("*") || m_stream.current().isSign("**"))
            fail("arguments from a list or dict (* and **) are not known");
        ExpressionPtr value = expression();
        const Name* name = std::get_if<Name>(&value->form);
        if (name && m_stream.skipSign("="))
            list.named.emplace_back(name->name, expression());
        else if (!list.named.empty())
            m_stream.refuse("a named argument");
        else
            list.positional.push_back(std::move(value));
        if (!m_stream.skipSign(","))
            break;
    }
    m_stream.expectSign(")");
    return list;
}

} // namespace lacuna::jinja
