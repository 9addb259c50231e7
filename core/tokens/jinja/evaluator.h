#pragma once

#include "core/tokens/jinja/context.h"
#include "core/tokens/jinja/tree.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lacuna::jinja {

/// Walks the tree of one template, once.
class Evaluator {
public:
    /// \param line  set on the way, for the message of an exception
    Evaluator(Context& context, std::vector<std::pair<std::string, Value>> variables, int& line);

    /// \throws ErrorException what went wrong in the line that `line` then holds
    std::string run(const Block& body);

private:
    enum class Flow : std::uint8_t { Next, Break, Continue };

    /// The names that a template, loop, macro or block sets; those of the scopes around are seen.
    struct Scope {
        std::shared_ptr<const Scope> around;
        std::vector<std::pair<std::string, Value>> names = {};
    };
    using ScopePtr = std::shared_ptr<Scope>;

    Flow execute(const Block& body, const ScopePtr& scope, std::string& out);
    Flow executeOne(const Statement& statement, const ScopePtr& scope, std::string& out);
    void print(const Expression& expression, const ScopePtr& scope, std::string& out);
    Flow executeIf(const If& form, const ScopePtr& scope, std::string& out);
    Flow executeFor(const For& form, const ScopePtr& scope, std::string& out);
    void executeSet(const Set& form, const ScopePtr& scope);
    void define(const MacroDefinition& form, const ScopePtr& scope);
    Value callMacro(const MacroDefinition& form, const Scope* around, const Arguments& given);
    Value blockText(const Block& body, const ScopePtr& scope);
    void assign(const Target& target, const Value& value, const ScopePtr& scope);
    ScopePtr inner(const ScopePtr& scope);

    Value evaluate(const Expression& expression, const ScopePtr& scope);
    Value form(const Literal& literal, const ScopePtr& scope);
    Value form(const Name& name, const ScopePtr& scope);
    Value form(const ListDisplay& display, const ScopePtr& scope);
    Value form(const DictDisplay& display, const ScopePtr& scope);
    Value form(const Field& field, const ScopePtr& scope);
    Value form(const Item& item, const ScopePtr& scope);
    Value form(const Slice& slice, const ScopePtr& scope);
    Value form(const Call& call, const ScopePtr& scope);
    Value form(const Filter& filter, const ScopePtr& scope);
    Value form(const Test& test, const ScopePtr& scope);
    Value form(const Not& negation, const ScopePtr& scope);
    Value form(const Signed& sign, const ScopePtr& scope);
    Value form(const Logical& logical, const ScopePtr& scope);
    Value form(const Binary& binary, const ScopePtr& scope);
    Value form(const Concatenation& concatenation, const ScopePtr& scope);
    Value form(const Comparison& comparison, const ScopePtr& scope);
    Value form(const Conditional& conditional, const ScopePtr& scope);
    Arguments argumentsOf(const ArgumentList& list, const ScopePtr& scope);

    Context& m_context;
    int& m_line;
    ScopePtr m_root;
    /// Of macros, which may be called when the block that they stand in is over.
    std::vector<ScopePtr> m_kept;
};

} // namespace lacuna::jinja
