#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// Reads a config.json of any family, whose keys are too many to know them all: each value is
/// checked when it is asked for, and status() gives the first that was wrong. A key that is null
/// counts as absent. The document outlives the reader.
class ConfigValues {
public:
    /// \param place  what the document is, for messages: "config.json"
    ConfigValues(const Json& document, std::string place);

    [[nodiscard]] bool has(const char* key) const;
    /// A whole number from 1 to \p most; without \p fallback the key is required. After a failure
    /// 1, so that a caller may go on calculating.
    std::int64_t size(const char* key, std::int64_t most,
                      std::optional<std::int64_t> fallback = std::nullopt);
    /// A number above 0.
    double positive(const char* key, double fallback);
    bool flag(const char* key, bool fallback);
    std::string text(const char* key, const std::string& fallback);
    /// The list of numbers above 0; empty when the key is absent.
    std::vector<float> positives(const char* key);
    /// The object at \p key, or nullptr.
    const Json* object(const char* key);

    void fail(const char* key, ErrorCode code, std::string message, std::string remedy = {});
    [[nodiscard]] Status status() const;

private:
    const Json* find(const char* key) const;

    const Json* m_document;
    std::string m_place;
    std::optional<Error> m_error;
};

} // namespace lacuna
