#include "core/tokens/jinja/tree.h"

#include "core/base/overloaded.h"

#include <algorithm>

namespace lacuna::jinja {
namespace {

int heightOf(const ExpressionPtr& expression)
{
    return expression ? expression->height : 0;
}

int highestOf(const std::vector<ExpressionPtr>& parts)
{
    int height = 0;
    for (const ExpressionPtr& part : parts)
        height = std::max(height, heightOf(part));
    return height;
}

/// Of pairs whose second part is an expression.
template <class Pairs> int highestSecond(const Pairs& pairs)
{
    int height = 0;
    for (const auto& pair : pairs)
        height = std::max(height, heightOf(pair.second));
    return height;
}

int highestOf(const ArgumentList& arguments)
{
    return std::max(highestOf(arguments.positional), highestSecond(arguments.named));
}

int highestOf(const DictDisplay& dict)
{
    int height = highestSecond(dict.entries);
    for (const auto& [key, value] : dict.entries)
        height = std::max(height, heightOf(key));
    return height;
}

} // namespace

int heightBelow(const Expression& expression)
{
    return std::visit(
        Overloaded{
            [](const Literal&) { return 0; },
            [](const Name&) { return 0; },
            [](const ListDisplay& form) { return highestOf(form.items); },
            [](const DictDisplay& form) { return highestOf(form); },
            [](const Field& form) { return heightOf(form.object); },
            [](const Item& form) { return std::max(heightOf(form.object), heightOf(form.index)); },
            [](const Slice& form) {
                return std::max({heightOf(form.object), heightOf(form.begin), heightOf(form.end),
                                 heightOf(form.step)});
            },
            [](const Call& form) {
                return std::max(heightOf(form.function), highestOf(form.arguments));
            },
            [](const Filter& form) {
                return std::max(heightOf(form.input), highestOf(form.arguments));
            },
            [](const Test& form) {
                return std::max(heightOf(form.input), highestOf(form.arguments));
            },
            [](const Not& form) { return heightOf(form.operand); },
            [](const Signed& form) { return heightOf(form.operand); },
            [](const Logical& form) { return std::max(heightOf(form.left), heightOf(form.right)); },
            [](const Binary& form) { return std::max(heightOf(form.left), heightOf(form.right)); },
            [](const Concatenation& form) { return highestOf(form.parts); },
            [](const Comparison& form) {
                return std::max(heightOf(form.first), highestSecond(form.others));
            },
            [](const Conditional& form) {
                return std::max({heightOf(form.condition), heightOf(form.yes), heightOf(form.no)});
            },
        },
        expression.form);
}

} // namespace lacuna::jinja
