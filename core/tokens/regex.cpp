#include "core/tokens/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

namespace lacuna {
namespace {

/// None is published that is a tenth as long.
constexpr std::size_t kMaxPattern = 10'000;
/// Steps that a match may take without being counted, hundreds of times what a word needs.
constexpr std::uint32_t kFreeSteps = 2'000;
constexpr std::uint32_t kHeapKiB = 64 * 1024;

struct FreePcre {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
template <class T> using PcrePtr = std::unique_ptr<T, FreePcre>;

Error unsupported(std::string message)
{
    return Error{.code = ErrorCode::Unsupported, .message = std::move(message)};
}

std::string pcreMessage(int code)
{
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(code, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

Result<PcrePtr<pcre2_code>> compilePcre(const std::string& pattern)
{
    const PcrePtr<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
    // Oniguruma's ^ and $ stand at every line, and a line ends with \n alone.
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int failure = 0;
    PCRE2_SIZE offset = 0;
    PcrePtr<pcre2_code> code(pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
        PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE,
        &failure, &offset, context.get()));
    if (!code)
        return unsupported("the regular expression cannot be compiled: " + pcreMessage(failure));
    return code;
}

bool isAlphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Rewrites a pattern of Oniguruma's syntax in PCRE2's.
class Translator {
public:
    explicit Translator(std::string_view pattern) : m_pattern(pattern) {}

    Result<std::string> run()
    {
        while (!m_error && m_at < m_pattern.size())
            m_inClass ? inClass() : outsideClass();
        if (m_inClass)
            refuse("[");
        if (m_error)
            return *m_error;
        return std::move(m_out);
    }

private:
    void refuse(std::string_view construct)
    {
        if (!m_error)
            m_error = unsupported("the regular expression has \"" + std::string(construct) +
                                  "\", which is not supported");
    }

    [[nodiscard]] bool ahead(std::string_view text) const
    {
        return m_pattern.substr(m_at).starts_with(text);
    }

    void copy(std::size_t count)
    {
        m_out.append(m_pattern, m_at, count);
        m_at += count;
    }

    void outsideClass()
    {
        const char c = m_pattern[m_at];
        if (c == '\\')
            return escape();
        if (c == '(')
            return group();
        if (c == '[') {
            m_inClass = true;
            copy(1);
            if (ahead("^"))
                copy(1);
            if (ahead("]"))
                refuse("[]");
            return;
        }
        if (ahead("{,")) { // at most; PCRE2 would look for these very characters
            m_out += "{0,";
            m_at += 2;
            return;
        }
        // A possessive quantifier to PCRE2, a repeated repetition to Oniguruma.
        if (ahead("}+"))
            refuse("}+");
        copy(1);
    }

    void inClass()
    {
        const char c = m_pattern[m_at];
        if (c == '\\')
            return escape();
        if (ahead("[:")) {
            const std::size_t end = m_pattern.find(":]", m_at);
            if (end == std::string_view::npos)
                return refuse("[:");
            return copy(end + 2 - m_at);
        }
        if (c == '[')
            return refuse("[ inside a class");
        if (ahead("&&"))
            return refuse("&&");
        m_inClass = c != ']';
        copy(1);
    }

    void group()
    {
        for (const std::string_view known :
             {"(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i)", "(?-i)", "(?-i:"})
            if (ahead(known))
                return copy(known.size());
        if (ahead("(?") || ahead("(*"))
            return refuse(m_pattern.substr(m_at, 3));
        copy(1);
    }

    /// What stands between braces behind the next \p skipped bytes; moves past it.
    std::optional<std::string_view> braced(std::size_t skipped)
    {
        const std::size_t open = m_at + skipped;
        const std::size_t close = m_pattern.find('}', open);
        if (open >= m_pattern.size() || m_pattern[open] != '{' || close == std::string_view::npos)
            return std::nullopt;
        m_at = close + 1;
        return m_pattern.substr(open + 1, close - open - 1);
    }

    void escape()
    {
        if (m_at + 1 >= m_pattern.size())
            return refuse("\\");
        const char c = m_pattern[m_at + 1];
        const auto replace = [&](std::string_view text) {
            m_out += text;
            m_at += 2;
        };
        constexpr std::string_view kWord = R"(\p{L}\p{M}\p{Nd}\p{Pc})";
        switch (c) {
        case 's':
            return replace("\\p{White_Space}");
        case 'S':
            return replace("\\P{White_Space}");
        case 'v':
            return replace("\\x0B");
        case 'w':
            return replace(m_inClass ? std::string(kWord) : "[" + std::string(kWord) + "]");
        case 'W':
            return m_inClass ? refuse("\\W inside a class")
                             : replace("[^" + std::string(kWord) + "]");
        case 'p':
        case 'P':
            return property(c);
        case 'x':
        case 'u':
            return codePoint(c);
        case 'A':
        case 'z':
            return m_inClass ? refuse(m_pattern.substr(m_at, 2)) : copy(2);
        case 'd':
        case 'D':
        case 'n':
        case 'r':
        case 't':
        case 'f':
        case 'a':
        case 'e':
            return copy(2);
        default:
            if (isAlphanumeric(c) || static_cast<unsigned char>(c) >= 0x80)
                return refuse(m_pattern.substr(m_at, 2));
            copy(2);
        }
    }

    void property(char letter)
    {
        const std::optional<std::string_view> name = braced(2);
        if (!name)
            return refuse("\\p");
        std::string_view bare = *name;
        const bool negated = bare.starts_with('^');
        if (negated)
            bare.remove_prefix(1);
        if (bare.empty() || !std::all_of(bare.begin(), bare.end(),
                                         [](char c) { return isAlphanumeric(c) || c == '_'; }))
            return refuse("\\p{" + std::string(*name) + "}");
        // A script's bare name would also match what PCRE2 calls its extensions.
        const bool isScript = bare.size() > 2 && compilePcre("\\p{sc:" + std::string(bare) + "}");
        m_out += std::string("\\") + letter + "{" + (negated ? "^" : "") + (isScript ? "sc:" : "") +
                 std::string(bare) + "}";
    }

    void codePoint(char letter)
    {
        const std::size_t start = m_at;
        std::string_view digits;
        if (letter == 'x' && m_at + 2 < m_pattern.size() && m_pattern[m_at + 2] == '{') {
            digits = braced(2).value_or("");
        } else {
            digits = m_pattern.substr(std::min(m_at + 2, m_pattern.size()), letter == 'x' ? 2 : 4);
            m_at += 2 + digits.size();
            if (digits.size() != (letter == 'x' ? 2U : 4U))
                digits = {};
        }
        const auto isHex = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
        };
        if (digits.empty() || !std::all_of(digits.begin(), digits.end(), isHex)) {
            refuse(m_pattern.substr(start, 2));
            m_at = m_pattern.size();
            return;
        }
        m_out += "\\x{" + std::string(digits) + "}";
    }

    std::string_view m_pattern;
    std::size_t m_at = 0;
    bool m_inClass = false;
    std::string m_out;
    std::optional<Error> m_error;
};

Error tooHard()
{
    return Error{.code = ErrorCode::Unsupported,
                 .message = "a regular expression of the tokenizer takes too long on this text",
                 .context = {},
                 .remedy = "check that the tokenizer's file is the model's own"};
}

} // namespace

MatchBudget::MatchBudget(std::size_t textBytes) : m_left(20'000'000 + 200 * textBytes) {}

bool MatchBudget::spend(std::uint32_t steps)
{
    if (steps > m_left)
        return false;
    m_left -= steps;
    return true;
}

struct Regex::Code {
    PcrePtr<pcre2_code> pcre;
    bool compiled = false; ///< to machine code
};

Result<Regex> Regex::compile(std::string_view pattern)
{
    if (pattern.size() > kMaxPattern)
        return unsupported("the regular expression is longer than " + std::to_string(kMaxPattern) +
                           " bytes");
    const Result<std::string> translated = Translator(pattern).run();
    if (!translated)
        return translated.error();
    Result<PcrePtr<pcre2_code>> code = compilePcre(*translated);
    if (!code)
        return code.error();
    std::uint32_t matchesEmpty = 0;
    pcre2_pattern_info(code->get(), PCRE2_INFO_MATCHEMPTY, &matchesEmpty);
    if (matchesEmpty)
        return unsupported("the regular expression can match without a character");
    auto made = std::make_shared<Code>();
    made->pcre = std::move(code).value();
    made->compiled = pcre2_jit_compile(made->pcre.get(), PCRE2_JIT_COMPLETE) == 0;
    return Regex(std::move(made));
}

Result<Regex> Regex::literal(std::string_view text)
{
    std::string pattern;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80 && !isAlphanumeric(c))
            pattern += '\\';
        pattern += c;
    }
    return compile(pattern);
}

Result<std::vector<Regex::Span>> Regex::matches(std::string_view text, MatchBudget& budget) const
{
    const PcrePtr<pcre2_match_data> data(pcre2_match_data_create(1, nullptr));
    const PcrePtr<pcre2_match_context> context(pcre2_match_context_create(nullptr));
    if (!data || !context)
        throw std::bad_alloc();
    pcre2_set_heap_limit(context.get(), kHeapKiB);
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    const pcre2_code* code = m_code->pcre.get();
    std::uint32_t limit = kFreeSteps;
    pcre2_set_match_limit(context.get(), limit);

    std::vector<Span> found;
    bool machineCode = m_code->compiled;
    for (std::size_t at = 0; at < text.size();) {
        const int outcome =
            machineCode
                ? pcre2_jit_match(code, subject, text.size(), at, 0, data.get(), context.get())
                : pcre2_match(code, subject, text.size(), at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                              data.get(), context.get());
        if (outcome == PCRE2_ERROR_NOMATCH)
            break;
        if (outcome == PCRE2_ERROR_JIT_STACKLIMIT) {
            machineCode = false; // the interpreter keeps its stack on the heap
            continue;
        }
        if (outcome == PCRE2_ERROR_MATCHLIMIT) {
            if (!budget.spend(limit))
                return tooHard();
            limit = limit > UINT32_MAX / 8 ? UINT32_MAX : limit * 8;
            pcre2_set_match_limit(context.get(), limit);
            continue;
        }
        if (outcome < 0)
            return tooHard();
        const PCRE2_SIZE* span = pcre2_get_ovector_pointer(data.get());
        if (span[1] <= at)
            throw std::logic_error("a regular expression matched without a character");
        found.push_back({span[0], span[1]});
        at = span[1];
        if (limit != kFreeSteps) {
            if (!budget.spend(limit))
                return tooHard();
            limit = kFreeSteps;
            pcre2_set_match_limit(context.get(), limit);
        }
        machineCode = m_code->compiled;
    }
    return found;
}

Result<std::optional<Regex::Sight>> Regex::sight(std::string_view text, MatchBudget& budget) const
{
    const PcrePtr<pcre2_match_data> data(pcre2_match_data_create(1, nullptr));
    const PcrePtr<pcre2_match_context> context(pcre2_match_context_create(nullptr));
    if (!data || !context)
        throw std::bad_alloc();
    pcre2_set_heap_limit(context.get(), kHeapKiB);
    for (std::uint32_t limit = kFreeSteps;;
         limit = limit > UINT32_MAX / 8 ? UINT32_MAX : limit * 8) {
        pcre2_set_match_limit(context.get(), limit);
        // The interpreter: machine code for partial matches is not made.
        const int outcome = pcre2_match(
            m_code->pcre.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
            PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT | PCRE2_PARTIAL_HARD, data.get(), context.get());
        if (outcome == PCRE2_ERROR_MATCHLIMIT && budget.spend(limit))
            continue;
        if (outcome == PCRE2_ERROR_NOMATCH)
            return std::optional<Sight>();
        if (outcome < 0 && outcome != PCRE2_ERROR_PARTIAL)
            return tooHard();
        return std::optional(Sight{.begin = pcre2_get_ovector_pointer(data.get())[0],
                                   .isMatch = outcome != PCRE2_ERROR_PARTIAL});
    }
}

} // namespace lacuna
