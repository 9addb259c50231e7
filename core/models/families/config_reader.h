#pragma once

#include "core/base/json.h"
#include "core/models/config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lacuna {

/// Reads values of a config.json. The first wrong one is kept and returned by finish(); what is
/// read after it may be a fallback.
class ConfigReader {
public:
    /// Largest size of a published model many times over, and small enough that the elements of all
    /// matrices of all layers can be counted in 64 bits.
    static constexpr std::int64_t kMaxExtent = std::int64_t{1} << 22;
    static constexpr std::int64_t kMaxLayers = std::int64_t{1} << 12;
    static constexpr std::int64_t kMaxContext = std::int64_t{1} << 31;

    explicit ConfigReader(const Json& config, std::string place = "config.");

    /// Whether the key is there and not null.
    [[nodiscard]] bool has(const char* key) const;
    [[nodiscard]] const Json& config() const { return m_config; }

    /// From 1 to \p most. Without \p fallback the key is required.
    std::int64_t size(const char* key, std::optional<std::int64_t> fallback = {},
                      std::int64_t most = kMaxExtent);
    double positive(const char* key, double fallback);
    double share(const char* key, double fallback); ///< above 0 and at most 1
    bool flag(const char* key, bool fallback);
    std::string text(const char* key, const std::string& fallback);
    std::vector<double> positives(const char* key);
    std::vector<std::int64_t> ids(const char* key); ///< one token id, or a list of them
    /// \param names  as a Hugging Face config spells it; another one is Unsupported
    Activation activation(const char* key, const char* fallback);

    void wrong(const char* key, const std::string& wanted);
    void refuse(const char* key, std::string message, std::string remedy);
    void keep(Error error);
    /// Unless \p holds, \p key is Corrupt because of \p message.
    void require(bool holds, const char* key, const char* message);

    [[nodiscard]] Result<DecoderConfig> finish(DecoderConfig config) const;
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }

private:
    [[nodiscard]] std::string at(const char* key) const { return m_place + key; }

    const Json& m_config;
    std::string m_place;
    std::optional<Error> m_error;
};

/// What every family's config has: vocabulary, special tokens, stored type, initialisation. Refuses
/// quantised weights.
void readCommon(ConfigReader& reader, DecoderConfig& out, bool tiedByDefault);
/// Width, layers, heads, key heads, head width, context under the names of the Llama config.
void readUsualSizes(ConfigReader& reader, DecoderConfig& out);
/// Base, scaling and rotated share; checks that what is rotated is even.
/// \param shareKeys  names of the share, the first one present is taken
void readRope(ConfigReader& reader, DecoderConfig& out, const std::vector<const char*>& shareKeys,
              double shareFallback = 1.0, const char* baseKey = "rope_theta");
/// "layer_types" of newer configs: which layers the sliding window holds in. False without the key.
bool readLayerTypes(ConfigReader& reader, DecoderConfig& out);

/// The keys that readCommon() reads.
[[nodiscard]] OrderedJson writeCommon(const DecoderConfig& config, const char* modelType);
void writeUsualSizes(const DecoderConfig& config, OrderedJson& json);
void writeRope(const DecoderConfig& config, OrderedJson& json);
[[nodiscard]] const char* activationName(Activation activation);

} // namespace lacuna
