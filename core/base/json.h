#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// The whole number in \p value: 7, 7.0 and 1e3 alike. Nothing for a fraction, for what an int64
/// cannot hold, and for what is no number.
[[nodiscard]] std::optional<std::int64_t> wholeNumber(const Json& value);

/// Parses one document. A failure's context is "place:row", rows counted from 1; nesting deeper
/// than 128 levels is refused before the parser sees it.
[[nodiscard]] Result<Json> parseJson(std::string_view text, std::string_view place);
[[nodiscard]] Result<Json> readJsonFile(const std::filesystem::path& path);
[[nodiscard]] Result<std::string> readTextFile(const std::filesystem::path& path);

/// Writes next to \p path and renames, so that a reader sees the old content or the new one.
[[nodiscard]] Status writeFileAtomically(const std::filesystem::path& path, std::string_view bytes);
/// writeFileAtomically() of \p value, indented by two.
[[nodiscard]] Status writeJsonFile(const std::filesystem::path& path, const OrderedJson& value);

/// Reads a strict JSON object: every key is asked for once, and finish() reports the first wrong
/// type, a missing required key, or a key that nobody asked for with the nearest known name.
///
/// A read function leaves its target unchanged when the key is absent, null or of a wrong type.
class JsonReader {
public:
    /// \param place  what the object is, for messages: "recipe", "method"
    JsonReader(const Json& object, std::string place);

    bool text(const char* key, std::string& out);
    bool flag(const char* key, bool& out);
    bool integer(const char* key, std::int64_t& out);
    bool number(const char* key, double& out);
    bool texts(const char* key, std::vector<std::string>& out);
    /// The child itself, or nullptr when it is absent or null.
    const Json* child(const char* key);
    /// Like child(), but anything that is not an object is an error.
    const Json* object(const char* key);
    void require(const char* key);

    /// Records a failure found by the caller at \p key; the first one recorded wins.
    void fail(const char* key, std::string message, std::string remedy = {});

    [[nodiscard]] const std::string& place() const { return m_place; }
    [[nodiscard]] Status finish();

private:
    const Json* find(const char* key);
    template <class Accept, class Take>
    bool read(const char* key, const char* wanted, Accept accept, Take take);

    const Json* m_object;
    std::string m_place;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
    bool m_lacksKey = false; ///< what m_error says; a misspelt key is then the likelier cause
};

} // namespace lacuna
