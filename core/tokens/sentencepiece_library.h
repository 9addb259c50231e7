#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct LacunaSpApi;
struct LacunaSpModel;

namespace lacuna {

/// A loaded sentencepiece model inside the isolated module. Encodes text as the library does:
/// its normaliser, its dummy prefix, no BOS or EOS. Any thread may encode.
class SentencePieceEncoder {
public:
    /// \param file  the bytes of a .model file, already checked by readSentencePieceModel()
    /// \return Corrupt with the library's own words, or Unsupported when the module cannot be
    ///         loaded into this program
    [[nodiscard]] static Result<SentencePieceEncoder> load(std::string_view file);

    /// Bytes that are not UTF-8 count as U+FFFD. \throws std::bad_alloc, std::logic_error
    void encode(std::string_view text, std::vector<std::int64_t>& ids) const;

private:
    using Free = void (*)(LacunaSpModel*);
    SentencePieceEncoder(const LacunaSpApi& api, LacunaSpModel* model);

    const LacunaSpApi* m_api;
    std::unique_ptr<LacunaSpModel, Free> m_model;
};

/// Runs the library's trainer. \p options are key and value as spm_train names them.
/// \return the bytes of the .model file, or InvalidArgument with the trainer's reason
[[nodiscard]] Result<std::string>
runSentencePieceTrainer(const std::vector<std::string_view>& sentences,
                        const std::vector<std::pair<std::string, std::string>>& options,
                        std::uint32_t seed);

/// Whether the module can be loaded here; the error says why not.
[[nodiscard]] Status sentencePieceAvailable();

} // namespace lacuna
