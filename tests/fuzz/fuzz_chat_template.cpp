#include "core/tokens/jinja/template.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace lacuna;

/// A chat template comes with a model from a stranger: whatever it says, parsing and rendering it
/// end in a text or in an Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const OrderedJson variables = {
        {"messages",
         {{{"role", "system"}, {"content", "Be brief."}},
          {{"role", "user"}, {"content", " Who wrote \xC3\x9C? "}},
          {{"role", "assistant"}, {"content", "<think>\nnobody\n</think>\n\nOrla"}}}},
        {"tools", {{{"name", "f"}, {"parameters", {{"a", 1.5}, {"b", nullptr}}}}}},
        {"bos_token", "<s>"},
        {"eos_token", "</s>"},
        {"add_generation_prompt", true},
        {"numbers", {3, 1, 2}},
    };
    // Well below the limits of the program, so that the many small inputs are tried quickly.
    const jinja::RenderOptions options{
        .limits = {.steps = 20'000, .bytes = 1U << 20U, .output = 1U << 20U}};
    const std::string_view source(reinterpret_cast<const char*>(data), size);
    const Result<jinja::Template> parsed = jinja::Template::parse(source, "fuzz.jinja");
    if (!parsed)
        return 0;
    const Result<std::string> text = parsed->render(variables, options);
    if (text && text->size() > options.limits.output)
        __builtin_trap();
    return 0;
}
