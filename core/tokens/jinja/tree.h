#pragma once

#include "core/tokens/jinja/operators.h"
#include "core/tokens/jinja/value.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A parsed template. Immutable; any thread may evaluate it.
namespace lacuna::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

struct ArgumentList {
    std::vector<ExpressionPtr> positional = {};
    std::vector<std::pair<std::string, ExpressionPtr>> named = {};
};

struct Literal {
    Value value;
};
struct Name {
    std::string name;
};
struct ListDisplay {
    std::vector<ExpressionPtr> items;
    bool tuple = false;
};
struct DictDisplay {
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};
struct Field {
    ExpressionPtr object;
    std::string name;
};
struct Item {
    ExpressionPtr object;
    ExpressionPtr index;
};
struct Slice { ///< null for what was left out
    ExpressionPtr object;
    ExpressionPtr begin;
    ExpressionPtr end;
    ExpressionPtr step;
};
struct Call {
    ExpressionPtr function;
    ArgumentList arguments;
};
struct Filter {
    ExpressionPtr input; ///< null in `{% set x | upper %}`: the block's text
    std::string name;
    ArgumentList arguments;
};
struct Test {
    ExpressionPtr input;
    std::string name;
    ArgumentList arguments;
    bool negated = false;
};
struct Not {
    ExpressionPtr operand;
};
struct Signed {
    ExpressionPtr operand;
    bool negative = false;
};
struct Logical {
    bool conjunction = false; ///< `and`, else `or`
    ExpressionPtr left;
    ExpressionPtr right;
};
struct Binary {
    Arithmetic op;
    ExpressionPtr left;
    ExpressionPtr right;
};
struct Concatenation {
    std::vector<ExpressionPtr> parts;
};
struct Comparison { ///< a < b < c
    ExpressionPtr first;
    std::vector<std::pair<Relation, ExpressionPtr>> others;
};
struct Conditional {
    ExpressionPtr condition;
    ExpressionPtr yes;
    ExpressionPtr no; ///< null: undefined
};

struct Expression {
    std::variant<Literal, Name, ListDisplay, DictDisplay, Field, Item, Slice, Call, Filter, Test,
                 Not, Signed, Logical, Binary, Concatenation, Comparison, Conditional>
        form;
    int line = 1;
    int height = 1; ///< of the tree below
};

/// The largest height of the expressions that it holds, 0 when it holds none.
[[nodiscard]] int heightBelow(const Expression& expression);

struct Statement;
using Block = std::vector<std::unique_ptr<const Statement>>;

/// What an assignment or a loop sets: a name, a namespace's field, or several of them.
struct Target {
    std::string name;
    std::string field = {};         ///< of the namespace `name`; empty: the name itself
    std::vector<Target> parts = {}; ///< then the others are empty
};

struct Data {
    std::string text;
};
struct Print {
    ExpressionPtr value;
};
struct If {
    std::vector<std::pair<ExpressionPtr, Block>> branches;
    Block otherwise;
};
struct For {
    Target target;
    ExpressionPtr items;
    ExpressionPtr condition; ///< null: every item
    Block body;
    Block otherwise; ///< when there is no item
};
struct Set {
    Target target;
    ExpressionPtr value; ///< null: the text of `body`
    Block body;
    std::vector<ExpressionPtr> filters = {}; ///< of the body, in turn
};
struct MacroDefinition {
    std::string name;
    std::vector<std::pair<std::string, ExpressionPtr>> parameters; ///< null: no default
    Block body;
};
struct Generation { ///< marks what the assistant says, for training; prints its body
    Block body;
};
struct Break {};
struct Continue {};

struct Statement {
    std::variant<Data, Print, If, For, Set, MacroDefinition, Generation, Break, Continue> form;
    int line = 1;
};

} // namespace lacuna::jinja
