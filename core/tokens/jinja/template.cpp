#include "core/tokens/jinja/template.h"

#include "core/base/guarded.h"
#include "core/base/text.h"
#include "core/tokens/jinja/evaluator.h"
#include "core/tokens/jinja/parser.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace lacuna::jinja {
namespace {

/// The body's result, or what it ended with, placed at file and line: parser and evaluator walk
/// trees by calling themselves, so that what is wrong travels as an exception up to here.
template <class T, class Body> Result<T> placed(const std::string& file, const int& line, Body body)
{
    T result{};
    const Status status = guarded([&]() -> Status {
        result = body();
        return {};
    });
    if (!status)
        return status.error().at(file + ":" + std::to_string(line));
    return result;
}

} // namespace

struct Template::Tree {
    Block body;
};

Template::Template(std::shared_ptr<const Tree> tree, std::string file)
    : m_tree(std::move(tree)), m_file(std::move(file))
{
}

Result<Template> Template::parse(std::string_view source, std::string file, const Limits& limits)
{
    if (source.size() > limits.source)
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the template takes more than " +
                                bytesText(static_cast<double>(limits.source)),
                     .context = file};
    if (firstInvalidUtf8(source))
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the template is not UTF-8",
                     .context = file,
                     .remedy = "fetch the file again"};
    int line = 1;
    const Result<std::shared_ptr<const Tree>> tree =
        placed<std::shared_ptr<const Tree>>(file, line, [&] {
            auto made = std::make_shared<Tree>();
            made->body = parsed(source, line);
            return made;
        });
    if (!tree)
        return tree.error();
    return Template(*tree, std::move(file));
}

Result<std::string> Template::render(const OrderedJson& variables,
                                     const RenderOptions& options) const
{
    int line = 1;
    return placed<std::string>(m_file, line, [&] {
        Context context{.budget = Budget(options.limits), .date = options.date};
        std::vector<std::pair<std::string, Value>> names;
        for (const auto& [name, value] : variables.items())
            names.emplace_back(name, fromJson(context.budget, value));
        return Evaluator(context, std::move(names), line).run(m_tree->body);
    });
}

} // namespace lacuna::jinja
