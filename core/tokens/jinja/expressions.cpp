#include "core/tokens/jinja/evaluator.h"
#include "core/tokens/jinja/fields.h"
#include "core/tokens/jinja/filters.h"
#include "core/tokens/jinja/functions.h"
#include "core/tokens/jinja/operators.h"
#include "core/tokens/jinja/value_tests.h"
#include "core/tokens/jinja/value_text.h"

#include <algorithm>

namespace lacuna::jinja {

Value Evaluator::evaluate(const Expression& expression, const ScopePtr& scope)
{
    const Budget::Level level(m_context.budget);
    m_context.budget.step();
    m_line = expression.line;
    return std::visit([&](const auto& node) { return form(node, scope); }, expression.form);
}

Value Evaluator::form(const Literal& literal, const ScopePtr& /*scope*/)
{
    return literal.value;
}

Value Evaluator::form(const Name& name, const ScopePtr& scope)
{
    for (const Scope* at = scope.get(); at; at = at->around.get()) {
        m_context.budget.step(static_cast<std::int64_t>(at->names.size() / 8));
        const auto found = std::find_if(at->names.begin(), at->names.end(), [&](const auto& entry) {
            return entry.first == name.name;
        });
        if (found != at->names.end())
            return found->second;
    }
    return globalFunction(m_context, name.name);
}

Value Evaluator::form(const ListDisplay& display, const ScopePtr& scope)
{
    Values items;
    for (const ExpressionPtr& item : display.items)
        items.push_back(evaluate(*item, scope));
    return makeSequence(m_context.budget,
                        display.tuple ? Sequence::Kind::Tuple : Sequence::Kind::List,
                        std::move(items));
}

Value Evaluator::form(const DictDisplay& display, const ScopePtr& scope)
{
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& [key, value] : display.entries) {
        Value name = evaluate(*key, scope);
        const Sequence* list = name.sequence();
        if (name.dict() || (list && list->kind == Sequence::Kind::List))
            fail(name.kind() + " cannot be a key");
        Value content = evaluate(*value, scope);
        const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
            return equal(m_context.budget, entry.first, name);
        });
        if (found != entries.end())
            found->second = std::move(content);
        else
            entries.emplace_back(std::move(name), std::move(content));
    }
    return makeDict(m_context.budget, std::move(entries));
}

Value Evaluator::form(const Field& field, const ScopePtr& scope)
{
    const Value object = evaluate(*field.object, scope);
    return fieldOf(m_context, object, field.name);
}

Value Evaluator::form(const Item& item, const ScopePtr& scope)
{
    const Value object = evaluate(*item.object, scope);
    const Value index = evaluate(*item.index, scope);
    return itemOf(m_context, object, index);
}

Value Evaluator::form(const Slice& slice_, const ScopePtr& scope)
{
    const auto bound = [&](const ExpressionPtr& expression) {
        return expression ? evaluate(*expression, scope) : Value();
    };
    const Value object = evaluate(*slice_.object, scope);
    const Value begin = bound(slice_.begin);
    const Value end = bound(slice_.end);
    return slice(m_context.budget, object, begin, end, bound(slice_.step));
}

Value Evaluator::form(const Call& call, const ScopePtr& scope)
{
    const Value function = evaluate(*call.function, scope);
    const int line = m_line;
    if (!function.callable()) {
        const auto* absent = std::get_if<Undefined>(&function.state());
        fail(absent ? *absent->what + " is not defined, and so cannot be called"
                    : function.kind() + " cannot be called");
    }
    const Arguments given = argumentsOf(call.arguments, scope);
    m_line = line;
    return function.callable()->call(m_context, given);
}

Value Evaluator::form(const Filter& filter, const ScopePtr& scope)
{
    const int line = m_line;
    const Value input = evaluate(*filter.input, scope);
    const Arguments given = argumentsOf(filter.arguments, scope);
    m_line = line;
    return applyFilter(m_context, filter.name, input, given);
}

Value Evaluator::form(const Test& test, const ScopePtr& scope)
{
    const int line = m_line;
    const Value value = evaluate(*test.input, scope);
    const Arguments given = argumentsOf(test.arguments, scope);
    m_line = line;
    return applyTest(m_context, test.name, value, given) != test.negated;
}

Value Evaluator::form(const Not& negation, const ScopePtr& scope)
{
    return !evaluate(*negation.operand, scope).truth();
}

Value Evaluator::form(const Signed& sign, const ScopePtr& scope)
{
    const Value value = evaluate(*sign.operand, scope);
    // Twice, because a plus sign is for numbers too, and makes 1 of true.
    return sign.negative ? negative(value) : negative(negative(value));
}

/// One of the two operands, as Python has it: `'' or 'x'` is 'x'.
Value Evaluator::form(const Logical& logical, const ScopePtr& scope)
{
    Value left = evaluate(*logical.left, scope);
    return left.truth() == logical.conjunction ? evaluate(*logical.right, scope) : left;
}

Value Evaluator::form(const Binary& binary, const ScopePtr& scope)
{
    const int line = m_line;
    const Value left = evaluate(*binary.left, scope);
    const Value right = evaluate(*binary.right, scope);
    m_line = line;
    return arithmetic(m_context.budget, binary.op, left, right);
}

Value Evaluator::form(const Concatenation& concatenation, const ScopePtr& scope)
{
    std::string text;
    for (const ExpressionPtr& part : concatenation.parts) {
        const Value value = evaluate(*part, scope);
        const std::string piece = textOf(m_context.budget, value);
        m_context.budget.allocate(piece.size());
        text += piece;
    }
    return Value::text(m_context.budget, std::move(text));
}

Value Evaluator::form(const Comparison& comparison, const ScopePtr& scope)
{
    const int line = m_line;
    Value left = evaluate(*comparison.first, scope);
    for (const auto& [relation, expression] : comparison.others) {
        Value right = evaluate(*expression, scope);
        m_line = line;
        if (!related(m_context.budget, relation, left, right))
            return false;
        left = std::move(right);
    }
    return true;
}

Value Evaluator::form(const Conditional& conditional, const ScopePtr& scope)
{
    if (evaluate(*conditional.condition, scope).truth())
        return evaluate(*conditional.yes, scope);
    return conditional.no ? evaluate(*conditional.no, scope)
                          : Value::undefined("the other side of an if without else");
}

Arguments Evaluator::argumentsOf(const ArgumentList& list, const ScopePtr& scope)
{
    Arguments arguments;
    for (const ExpressionPtr& value : list.positional)
        arguments.positional.push_back(evaluate(*value, scope));
    for (const auto& [name, value] : list.named)
        arguments.named.emplace_back(name, evaluate(*value, scope));
    return arguments;
}

} // namespace lacuna::jinja
