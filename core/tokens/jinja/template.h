#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/tokens/jinja/budget.h"
#include "core/tokens/jinja/context.h"

#include <memory>
#include <string>
#include <string_view>

/// The part of Jinja that chat templates use, as the transformers library sets it up: expressions
/// with filters and tests, if, for with break and continue, set, macro, generation, and the
/// functions range, dict, namespace, raise_exception and strftime_now.
namespace lacuna::jinja {

struct RenderOptions {
    /// What strftime_now() tells: not today, because the likelihood of an answer must not change
    /// with the calendar. The default is the day to which open-unlearning pins Llama 3's templates
    /// (unlearning reference 4.7).
    Date date = {};
    Limits limits = {};
};

/// A parsed template. Immutable; any thread may render it.
class Template {
public:
    /// \param file  for messages
    /// \return Corrupt or Unsupported, with file and line, for what cannot be parsed
    [[nodiscard]] static Result<Template> parse(std::string_view source, std::string file,
                                                const Limits& limits = {});

    /// \param variables  an object: what the template may name
    /// \return Unsupported with file and line where the template cannot be evaluated or takes too
    ///         much, InvalidArgument where it calls raise_exception
    [[nodiscard]] Result<std::string> render(const OrderedJson& variables,
                                             const RenderOptions& options = {}) const;

private:
    struct Tree;

    Template(std::shared_ptr<const Tree> tree, std::string file);

    std::shared_ptr<const Tree> m_tree;
    std::string m_file;
};

} // namespace lacuna::jinja
