#include "core/base/json.h"

#include "core/base/output_file.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

namespace lacuna {
namespace {

constexpr int kMaxNesting = 128;

/// Offset of the first bracket that nests too deeply.
std::optional<std::size_t> tooDeepOffset(std::string_view text)
{
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > kMaxNesting)
                return i;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return std::nullopt;
}

/// "place:row" of the byte at \p offset.
std::string placeAt(std::string_view place, std::string_view text, std::size_t offset)
{
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto rows = std::count(before.begin(), before.end(), '\n');
    return std::string(place) + ":" + std::to_string(rows + 1);
}

/// Offset of the number that the parser refused; its exception quotes the number but not the place.
std::size_t refusedNumberOffset(std::string_view text, std::string_view what)
{
    const std::size_t open = what.find('\'');
    const std::size_t close = what.rfind('\'');
    if (open == close)
        return 0;
    const std::size_t found = text.find(what.substr(open + 1, close - open - 1));
    return found == std::string_view::npos ? 0 : found;
}

} // namespace

std::optional<std::int64_t> wholeNumber(const Json& value)
{
    if (value.is_number_unsigned()) {
        const auto whole = value.get<std::uint64_t>();
        if (!std::in_range<std::int64_t>(whole))
            return std::nullopt;
        return static_cast<std::int64_t>(whole);
    }
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    if (!value.is_number_float())
        return std::nullopt;
    // 1e3 written by a person is a float to the parser and an integer to its author.
    const auto real = value.get<double>();
    if (real != std::floor(real) || real < -0x1p63 || real >= 0x1p63)
        return std::nullopt;
    return static_cast<std::int64_t>(real);
}

Result<Json> parseJson(std::string_view text, std::string_view place)
{
    if (const auto offset = tooDeepOffset(text))
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the JSON nests deeper than 128 levels",
                     .context = placeAt(place, text, *offset)};
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& failure) {
        // failure.byte counts from 1; the end of the text counts as one more byte.
        const bool cut = failure.byte > text.size();
        return Error{.code = ErrorCode::Corrupt,
                     .message = cut ? "the JSON ends in the middle of a value"
                                    : "the JSON is not well formed",
                     .context = placeAt(place, text, std::max<std::size_t>(failure.byte, 1) - 1),
                     .remedy = cut ? "the file looks cut off: fetch or write it again"
                                   : "look for a missing comma, quote or bracket on this line"};
    } catch (const Json::exception& failure) {
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the JSON holds a value out of range",
                     .context = placeAt(place, text, refusedNumberOffset(text, failure.what()))};
    }
}

Result<std::string> readTextFile(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "this is a folder where a file is needed",
                     .context = path.string()};
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return Error{.code = ErrorCode::NotFound,
                     .message = "cannot open the file",
                     .context = path.string(),
                     .remedy = "check the path; paths in a recipe are relative to the recipe"};
    std::string text;
    std::vector<char> block(std::size_t{1} << 16);
    while (in) {
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad())
        return Error{
            .code = ErrorCode::Io, .message = "reading the file failed", .context = path.string()};
    return text;
}

Result<Json> readJsonFile(const std::filesystem::path& path)
{
    const Result<std::string> text = readTextFile(path);
    if (!text)
        return text.error();
    return parseJson(*text, path.string());
}

Status writeFileAtomically(const std::filesystem::path& path, std::string_view bytes)
{
    Result<OutputFile> file = OutputFile::create(path);
    if (!file)
        return file.error();
    if (const Status status = file->write(bytes); !status)
        return status;
    return file->commit();
}

Status writeJsonFile(const std::filesystem::path& path, const OrderedJson& value)
{
    return writeFileAtomically(
        path, value.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
}

JsonReader::JsonReader(const Json& object, std::string place)
    : m_object(&object), m_place(std::move(place))
{
    if (!object.is_object())
        m_error = Error{.code = ErrorCode::InvalidArgument,
                        .message = "an object in braces is needed here",
                        .context = m_place};
}

const Json* JsonReader::find(const char* key)
{
    m_known.emplace_back(key);
    if (!m_object->is_object())
        return nullptr;
    const auto found = m_object->find(key);
    return found == m_object->end() || found->is_null() ? nullptr : &*found;
}

template <class Accept, class Take>
bool JsonReader::read(const char* key, const char* wanted, Accept accept, Take take)
{
    const Json* value = find(key);
    if (!value)
        return false;
    if (!accept(*value)) {
        // A number is shown itself: "not number" says nothing where a whole one is wanted.
        fail(key, std::string("the value must be ") + wanted + ", not " +
                      (value->is_number() ? value->dump() : value->type_name()));
        return false;
    }
    take(*value);
    return true;
}

bool JsonReader::text(const char* key, std::string& out)
{
    return read(
        key, "a text", [](const Json& v) { return v.is_string(); },
        [&](const Json& v) { out = v.get<std::string>(); });
}

bool JsonReader::flag(const char* key, bool& out)
{
    return read(
        key, "true or false", [](const Json& v) { return v.is_boolean(); },
        [&](const Json& v) { out = v.get<bool>(); });
}

bool JsonReader::integer(const char* key, std::int64_t& out)
{
    return read(
        key, "a whole number", [](const Json& v) { return wholeNumber(v).has_value(); },
        [&](const Json& v) { out = wholeNumber(v).value(); });
}

bool JsonReader::number(const char* key, double& out)
{
    return read(
        key, "a number", [](const Json& v) { return v.is_number(); },
        [&](const Json& v) { out = v.get<double>(); });
}

bool JsonReader::texts(const char* key, std::vector<std::string>& out)
{
    return read(
        key, "a list of texts",
        [](const Json& v) {
            return v.is_array() && std::all_of(v.begin(), v.end(),
                                               [](const Json& item) { return item.is_string(); });
        },
        [&](const Json& v) { out = v.get<std::vector<std::string>>(); });
}

const Json* JsonReader::child(const char* key)
{
    return find(key);
}

const Json* JsonReader::object(const char* key)
{
    const Json* value = find(key);
    if (value && !value->is_object()) {
        fail(key, "an object in braces is needed here");
        return nullptr;
    }
    return value;
}

void JsonReader::require(const char* key)
{
    if (!m_object->is_object() || (m_object->contains(key) && !m_object->at(key).is_null()))
        return;
    m_lacksKey = !m_error;
    fail(key, "the key is missing", "add \"" + std::string(key) + "\" to " + m_place);
}

void JsonReader::fail(const char* key, std::string message, std::string remedy)
{
    if (!m_error)
        m_error = Error{.code = ErrorCode::InvalidArgument,
                        .message = std::move(message),
                        .context = m_place + "." + key,
                        .remedy = std::move(remedy)};
}

Status JsonReader::finish()
{
    if (m_error && !m_lacksKey)
        return *m_error;
    if (m_object->is_object())
        for (const auto& [key, value] : m_object->items()) {
            if (std::find(m_known.begin(), m_known.end(), key) != m_known.end())
                continue;
            const auto nearest = nearestName(key, m_known);
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "unknown key \"" + key + "\"",
                         .context = m_place,
                         .remedy = nearest ? "did you mean \"" + *nearest + "\"?"
                                           : "known keys: " + join(m_known, ", ")};
        }
    if (m_error)
        return *m_error;
    return {};
}

} // namespace lacuna
