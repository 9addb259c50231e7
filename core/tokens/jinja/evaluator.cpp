#include "core/tokens/jinja/evaluator.h"

#include "core/base/overloaded.h"
#include "core/tokens/jinja/filters.h"
#include "core/tokens/jinja/value_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lacuna::jinja {
namespace {

void setName(std::vector<std::pair<std::string, Value>>& names, const std::string& name,
             const Value& value)
{
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == names.end())
        names.emplace_back(name, value);
    else
        found->second = value;
}

} // namespace

Evaluator::Evaluator(Context& context, std::vector<std::pair<std::string, Value>> variables,
                     int& line)
    : m_context(context), m_line(line),
      m_root(std::make_shared<Scope>(Scope{.around = nullptr, .names = std::move(variables)}))
{
}

std::string Evaluator::run(const Block& body)
{
    std::string out;
    execute(body, m_root, out);
    return out;
}

Evaluator::ScopePtr Evaluator::inner(const ScopePtr& scope)
{
    return std::make_shared<Scope>(Scope{.around = scope});
}

Evaluator::Flow Evaluator::execute(const Block& body, const ScopePtr& scope, std::string& out)
{
    const Budget::Level level(m_context.budget);
    for (const auto& statement : body)
        if (const Flow flow = executeOne(*statement, scope, out); flow != Flow::Next)
            return flow;
    return Flow::Next;
}

Evaluator::Flow Evaluator::executeOne(const Statement& statement, const ScopePtr& scope,
                                      std::string& out)
{
    m_context.budget.step();
    m_line = statement.line;
    return std::visit(
        Overloaded{
            [&](const Data& data) {
                m_context.budget.checkOutput(out.size() + data.text.size());
                out += data.text;
                return Flow::Next;
            },
            [&](const Print& print_) {
                print(*print_.value, scope, out);
                return Flow::Next;
            },
            [&](const If& form) { return executeIf(form, scope, out); },
            [&](const For& form) { return executeFor(form, scope, out); },
            [&](const Set& form) {
                executeSet(form, scope);
                return Flow::Next;
            },
            [&](const MacroDefinition& form) {
                define(form, scope);
                return Flow::Next;
            },
            // What is set inside stays inside, as Hugging Face has it.
            [&](const Generation& form) { return execute(form.body, inner(scope), out); },
            [](const Break&) { return Flow::Break; },
            [](const Continue&) { return Flow::Continue; },
        },
        statement.form);
}

void Evaluator::print(const Expression& expression, const ScopePtr& scope, std::string& out)
{
    const Value value = evaluate(expression, scope);
    const std::string text = textOf(m_context.budget, value);
    m_context.budget.checkOutput(out.size() + text.size());
    out += text;
}

Evaluator::Flow Evaluator::executeIf(const If& form, const ScopePtr& scope, std::string& out)
{
    for (const auto& [condition, body] : form.branches)
        if (evaluate(*condition, scope).truth())
            return execute(body, scope, out);
    return execute(form.otherwise, scope, out);
}

Evaluator::Flow Evaluator::executeFor(const For& form, const ScopePtr& scope, std::string& out)
{
    Budget& budget = m_context.budget;
    Values items = itemsOf(budget, evaluate(*form.items, scope));
    if (form.condition)
        std::erase_if(items, [&](const Value& item) {
            budget.step();
            const ScopePtr looked = inner(scope);
            assign(form.target, item, looked);
            return !evaluate(*form.condition, looked).truth();
        });
    if (items.empty())
        return execute(form.otherwise, scope, out);
    const auto loop = std::make_shared<Loop>();
    const Value list = makeList(budget, std::move(items));
    loop->items = std::get<std::shared_ptr<const Sequence>>(list.state());
    for (const Value& item : loop->items->items) {
        budget.step();
        const ScopePtr round = inner(scope);
        round->names.emplace_back("loop", Value(Value::State(std::shared_ptr<const Loop>(loop))));
        assign(form.target, item, round);
        if (execute(form.body, round, out) == Flow::Break)
            break;
        ++loop->index;
    }
    return Flow::Next;
}

void Evaluator::executeSet(const Set& form, const ScopePtr& scope)
{
    if (form.value) {
        const Value value = evaluate(*form.value, scope);
        assign(form.target, value, scope);
        return;
    }
    Value text = blockText(form.body, inner(scope));
    for (const ExpressionPtr& expression : form.filters) {
        const auto& filter = std::get<Filter>(expression->form);
        text = applyFilter(m_context, filter.name, text, argumentsOf(filter.arguments, scope));
    }
    assign(form.target, text, scope);
}

Value Evaluator::blockText(const Block& body, const ScopePtr& scope)
{
    std::string text;
    execute(body, scope, text);
    return Value::text(m_context.budget, std::move(text));
}

void Evaluator::assign(const Target& target, const Value& value, const ScopePtr& scope)
{
    if (!target.parts.empty()) {
        const Values values = itemsOf(m_context.budget, value);
        if (values.size() != target.parts.size())
            fail(
                fmt::format("{} names are set from {} values", target.parts.size(), values.size()));
        for (std::size_t i = 0; i < values.size(); ++i)
            assign(target.parts[i], values[i], scope);
        return;
    }
    m_context.budget.allocate(sizeof(Value) + target.name.size());
    if (target.field.empty()) {
        setName(scope->names, target.name, value);
        return;
    }
    const Value object = form(Name{target.name}, scope);
    if (!object.ns())
        fail("only the fields of a namespace can be set, not those of " + object.kind());
    setName(object.ns()->fields, target.field, value);
}

void Evaluator::define(const MacroDefinition& form, const ScopePtr& scope)
{
    m_context.budget.allocate(sizeof(Scope));
    m_kept.push_back(scope);
    // By plain pointers: the scope holds the macro, and m_kept the scope.
    const Scope* around = scope.get();
    Value macro = makeCallable(
        m_context.budget,
        {.name = form.name, .call = [this, &form, around](Context&, const Arguments& given) {
             return callMacro(form, around, given);
         }});
    setName(scope->names, form.name, macro);
}

Value Evaluator::callMacro(const MacroDefinition& macro, const Scope* around,
                           const Arguments& given)
{
    const auto scope = std::make_shared<Scope>(
        Scope{.around = std::shared_ptr<const Scope>(std::shared_ptr<void>(), around)});
    ArgumentReader reader(given, "the macro " + macro.name);
    for (const auto& [name, fallback] : macro.parameters) {
        const Value* value = reader.optional(name);
        if (value)
            setName(scope->names, name, *value);
        else if (fallback)
            setName(scope->names, name, evaluate(*fallback, scope));
        else
            setName(scope->names, name, Value::undefined("the parameter \"" + name + "\""));
    }
    reader.finish();
    return blockText(macro.body, scope);
}

} // namespace lacuna::jinja
