#include "core/tokens/jinja/token_stream.h"

#include <fmt/format.h>

namespace lacuna::jinja {
namespace {

constexpr int kDeepest = 100;

std::string shown(const Token& token)
{
    switch (token.kind) {
    case Token::Kind::Data:
    case Token::Kind::PrintBegin:
    case Token::Kind::StatementBegin:
        return "text outside of a tag";
    case Token::Kind::PrintEnd:
        return "the tag's end \"}}\"";
    case Token::Kind::StatementEnd:
        return "the tag's end \"%}\"";
    case Token::Kind::Text:
        return "a string";
    case Token::Kind::Whole:
    case Token::Kind::Real:
        return "a number";
    case Token::Kind::Name:
    case Token::Kind::Sign:
        return "\"" + token.text + "\"";
    case Token::Kind::End:
        break;
    }
    return "the template's end";
}

} // namespace

Token TokenStream::take()
{
    Token token = current();
    if (m_at + 1 < m_tokens.size())
        ++m_at;
    m_line = token.line;
    return token;
}

bool TokenStream::skipName(std::string_view name)
{
    const bool found = current().isName(name);
    if (found)
        take();
    return found;
}

bool TokenStream::skipSign(std::string_view sign)
{
    const bool found = current().isSign(sign);
    if (found)
        take();
    return found;
}

bool TokenStream::skip(Token::Kind kind)
{
    const bool found = current().kind == kind;
    if (found)
        take();
    return found;
}

std::string TokenStream::expectName()
{
    if (current().kind != Token::Kind::Name)
        refuse("a name");
    return take().text;
}

void TokenStream::expectSign(std::string_view sign)
{
    if (!skipSign(sign))
        refuse(fmt::format("\"{}\"", sign));
}

void TokenStream::expect(Token::Kind kind, std::string_view wanted)
{
    if (!skip(kind))
        refuse(wanted);
}

void TokenStream::refuse(std::string_view wanted)
{
    m_line = current().line;
    fail(fmt::format("{} is needed where {} stands", wanted, shown(current())), {},
         ErrorCode::Corrupt);
}

TokenStream::Level::Level(TokenStream& stream) : m_stream(stream)
{
    if (stream.m_depth >= kDeepest) {
        stream.m_line = stream.current().line;
        fail(fmt::format("brackets or blocks are nested more than {} deep", kDeepest));
    }
    ++stream.m_depth;
}

} // namespace lacuna::jinja
