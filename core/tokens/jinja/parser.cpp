#include "core/tokens/jinja/parser.h"

#include "core/tokens/jinja/expression_parser.h"
#include "core/tokens/jinja/lexer.h"
#include "core/tokens/jinja/token_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace lacuna::jinja {
namespace {

using Kind = Token::Kind;

class Parser {
public:
    explicit Parser(TokenStream& stream) : m_stream(stream), m_expressions(stream) {}

    Block run()
    {
        Block body = blockUntil({});
        if (m_stream.current().kind != Kind::End)
            m_stream.refuse("a statement"); // an `endif` of nothing
        return body;
    }

private:
    using Words = std::initializer_list<std::string_view>;

    /// Up to a statement that starts with one of \p ends, whose word is left standing; with none,
    /// up to the template's end.
    Block blockUntil(Words ends)
    {
        const TokenStream::Level level(m_stream);
        Block body;
        while (m_stream.current().kind != Kind::End) {
            const int line = m_stream.line();
            if (m_stream.current().kind == Kind::Data) {
                add(body, Data{.text = m_stream.take().text}, line);
            } else if (m_stream.skip(Kind::PrintBegin)) {
                add(body, Print{.value = m_expressions.tuple()}, line);
                m_stream.expect(Kind::PrintEnd, "\"}}\"");
            } else {
                m_stream.expect(Kind::StatementBegin, "a statement");
                if (std::any_of(ends.begin(), ends.end(), [&](std::string_view word) {
                        return m_stream.current().isName(word);
                    }))
                    return body;
                statement(body, line);
            }
        }
        if (ends.size() > 0)
            m_stream.refuse(fmt::format("\"{}\"", *(ends.end() - 1)));
        return body;
    }

    template <class Form> static void add(Block& body, Form form, int line)
    {
        body.push_back(
            std::make_unique<const Statement>(Statement{.form = std::move(form), .line = line}));
    }

    void statement(Block& body, int line)
    {
        const std::string word = m_stream.expectName();
        if (word == "if")
            add(body, ifStatement(), line);
        else if (word == "for")
            add(body, forStatement(), line);
        else if (word == "set")
            add(body, setStatement(), line);
        else if (word == "macro")
            add(body, macro(), line);
        else if (word == "generation")
            add(body, generation(), line);
        else if ((word == "break" || word == "continue") && m_loops == 0)
            fail("\"" + word + "\" stands outside of a loop", {}, ErrorCode::Corrupt);
        else if (word == "break")
            add(body, Break{}, line);
        else if (word == "continue")
            add(body, Continue{}, line);
        else
            fail("the statement \"" + word + "\" is not known");
        end();
    }

    void end() { m_stream.expect(Kind::StatementEnd, "\"%}\""); }

    If ifStatement()
    {
        If form;
        do {
            ExpressionPtr condition = m_expressions.tuple(false);
            end();
            Block body = blockUntil({"elif", "else", "endif"});
            form.branches.emplace_back(std::move(condition), std::move(body));
        } while (m_stream.skipName("elif"));
        if (m_stream.skipName("else")) {
            end();
            form.otherwise = blockUntil({"endif"});
        }
        m_stream.take(); // endif
        return form;
    }

    For forStatement()
    {
        For form;
        form.target = target(false);
        if (!m_stream.skipName("in"))
            m_stream.refuse("\"in\"");
        form.items = m_expressions.tuple(false);
        if (m_stream.skipName("if"))
            form.condition = m_expressions.expression();
        if (m_stream.current().isName("recursive"))
            fail("recursive loops are not known");
        end();
        ++m_loops;
        form.body = blockUntil({"else", "endfor"});
        --m_loops;
        if (m_stream.skipName("else")) {
            end();
            form.otherwise = blockUntil({"endfor"});
        }
        m_stream.take(); // endfor
        return form;
    }

    Set setStatement()
    {
        Set form;
        form.target = target(true);
        if (m_stream.skipSign("=")) {
            form.value = m_expressions.tuple();
            return form;
        }
        form.filters = m_expressions.bareFilters();
        end();
        form.body = blockUntil({"endset"});
        m_stream.take(); // endset
        return form;
    }

    MacroDefinition macro()
    {
        MacroDefinition form{.name = m_stream.expectName()};
        m_stream.expectSign("(");
        while (!m_stream.current().isSign(")")) {
            std::string name = m_stream.expectName();
            ExpressionPtr fallback = m_stream.skipSign("=") ? m_expressions.expression() : nullptr;
            form.parameters.emplace_back(std::move(name), std::move(fallback));
            if (!m_stream.skipSign(","))
                break;
        }
        m_stream.expectSign(")");
        end();
        // A `break` in a macro is not one of the loop around it.
        const int loops = std::exchange(m_loops, 0);
        form.body = blockUntil({"endmacro"});
        m_loops = loops;
        m_stream.take(); // endmacro
        return form;
    }

    Generation generation()
    {
        end();
        const int loops = std::exchange(m_loops, 0);
        Generation form{.body = blockUntil({"endgeneration"})};
        m_loops = loops;
        m_stream.take(); // endgeneration
        return form;
    }

    Target target(bool assigned)
    {
        Target first = singleTarget(assigned);
        if (!m_stream.current().isSign(","))
            return first;
        Target all;
        all.parts.push_back(std::move(first));
        while (m_stream.skipSign(",") && startsTarget())
            all.parts.push_back(singleTarget(assigned));
        return all;
    }

    [[nodiscard]] bool startsTarget() const
    {
        const Token& token = m_stream.current();
        return token.isSign("(") || (token.kind == Kind::Name && !token.isName("in"));
    }

    Target singleTarget(bool assigned)
    {
        const TokenStream::Level level(m_stream);
        if (m_stream.skipSign("(")) {
            Target inner = target(assigned);
            m_stream.expectSign(")");
            return inner;
        }
        Target target{.name = m_stream.expectName()};
        constexpr std::array<std::string_view, 6> kConstants = {"true", "false", "none",
                                                                "True", "False", "None"};
        if (std::find(kConstants.begin(), kConstants.end(), target.name) != kConstants.end())
            fail("\"" + target.name + "\" cannot be set", {}, ErrorCode::Corrupt);
        if (assigned && m_stream.skipSign("."))
            target.field = m_stream.expectName();
        return target;
    }

    TokenStream& m_stream;
    ExpressionParser m_expressions;
    int m_loops = 0; ///< around the statement at work
};

} // namespace

Block parsed(std::string_view source, int& line)
{
    TokenStream stream(tokensOf(source, line), line);
    line = 1;
    return Parser(stream).run();
}

} // namespace lacuna::jinja
