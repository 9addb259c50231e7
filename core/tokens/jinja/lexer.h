#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna::jinja {

struct Token {
    enum class Kind : std::uint8_t {
        Data, ///< text between tags
        PrintBegin,
        PrintEnd,
        StatementBegin,
        StatementEnd,
        Name,
        Text, ///< a string literal, its escapes read
        Whole,
        Real,
        Sign, ///< an operator, bracket or comma
        End,
    };
    Kind kind = Kind::End;
    std::string text = {};
    std::int64_t whole = 0;
    double real = 0;
    int line = 1;

    [[nodiscard]] bool isName(std::string_view name) const
    {
        return kind == Kind::Name && text == name;
    }
    [[nodiscard]] bool isSign(std::string_view sign) const
    {
        return kind == Kind::Sign && text == sign;
    }
};

/// The tokens of a template, the last one End. White space around tags goes as Hugging Face sets
/// Jinja: trim_blocks (no line end behind a statement or comment) and lstrip_blocks (no spaces
/// before one that starts its line), beside the template's own minus and plus signs.
/// \param source  well-formed UTF-8
/// \param line    set on the way, for the message of an exception
/// \throws ErrorException what is wrong in the line that \p line then holds
[[nodiscard]] std::vector<Token> tokensOf(std::string_view source, int& line);

} // namespace lacuna::jinja
