#pragma once

#include "core/tokens/jinja/token_stream.h"
#include "core/tokens/jinja/tree.h"

namespace lacuna::jinja {

/// Parses Jinja's expressions, which are Python's with filters, tests and `~`.
/// \throws ErrorException, as everything about parsing does
class ExpressionParser {
public:
    explicit ExpressionParser(TokenStream& stream) : m_stream(stream) {}

    /// One expression. Without \p conditional an `if` behind it is left alone.
    ExpressionPtr expression(bool conditional = true);
    /// One, or several with commas between: a tuple without brackets.
    ExpressionPtr tuple(bool conditional = true);
    /// `| name(arguments)`s, applied to what is not written: the text of a block.
    std::vector<ExpressionPtr> bareFilters();

private:
    ExpressionPtr conditionalChain();
    ExpressionPtr disjunction();
    ExpressionPtr conjunction();
    ExpressionPtr negation();
    ExpressionPtr comparison();
    ExpressionPtr sum();
    ExpressionPtr concatenation();
    ExpressionPtr product();
    ExpressionPtr power();
    ExpressionPtr signedValue(bool filters = true);
    ExpressionPtr primary();
    ExpressionPtr bracketed();
    ExpressionPtr list();
    ExpressionPtr dict();
    ExpressionPtr withPostfix(ExpressionPtr value);
    ExpressionPtr withFilters(ExpressionPtr value);
    ExpressionPtr field(ExpressionPtr object);
    ExpressionPtr subscript(ExpressionPtr object);
    ExpressionPtr test(ExpressionPtr input);
    ExpressionPtr filter(ExpressionPtr input);
    ArgumentList arguments();
    [[nodiscard]] bool endsTuple() const;

    template <class Form> ExpressionPtr make(Form form, int line);

    TokenStream& m_stream;
};

} // namespace lacuna::jinja
