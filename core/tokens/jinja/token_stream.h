#pragma once

#include "core/tokens/jinja/budget.h"
#include "core/tokens/jinja/lexer.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna::jinja {

/// The tokens of a template, read from left to right by the parsers. Keeps the line for messages.
class TokenStream {
public:
    TokenStream(std::vector<Token> tokens, int& line) : m_tokens(std::move(tokens)), m_line(line) {}

    [[nodiscard]] const Token& current() const { return m_tokens[m_at]; }
    [[nodiscard]] int line() const { return current().line; }

    Token take();
    bool skipName(std::string_view name);
    bool skipSign(std::string_view sign);
    bool skip(Token::Kind kind);
    std::string expectName();
    void expectSign(std::string_view sign);
    void expect(Token::Kind kind, std::string_view wanted);
    /// Ends parsing: \p wanted is missing where the stream stands.
    [[noreturn]] void refuse(std::string_view wanted);

    /// One level of brackets or blocks, for as long as it lives. Parsers call themselves once a
    /// level, and a template from a stranger must not decide how deep.
    class Level {
    public:
        explicit Level(TokenStream& stream);
        ~Level() { --m_stream.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        TokenStream& m_stream;
    };

private:
    std::vector<Token> m_tokens;
    int& m_line;
    std::size_t m_at = 0; ///< never past the last token, which is End
    int m_depth = 0;
};

} // namespace lacuna::jinja
