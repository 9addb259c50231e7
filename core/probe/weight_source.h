#pragma once

#include "core/base/result.h"
#include "core/models/adapter_files.h"
#include "core/models/config.h"
#include "core/models/weight_files.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lacuna {

/// The weights of a model folder as numbers, a few rows at a time, out of its mapped files: a model
/// larger than the machine's memory reads as well as a small one. The folder of an adapter gives
/// its base with the adapter merged in.
class WeightSource {
public:
    /// \return what readDecoderConfig(), WeightFiles and readLoraConfig() say
    [[nodiscard]] static Result<WeightSource> open(const std::filesystem::path& folder);

    [[nodiscard]] const DecoderConfig& config() const { return m_config; }
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder; }

    /// One weight. Lives no longer than its source.
    class Slot {
    public:
        /// Of the file; an adapter's own type does not count, since merging rounds to this one.
        [[nodiscard]] ElementType type() const { return m_entry->type; }
        /// Rows [first, first + count) of width() numbers; their pages are given back.
        void read(std::int64_t first, std::int64_t count, std::span<float> out) const;
        [[nodiscard]] std::int64_t rows() const;
        [[nodiscard]] std::int64_t width() const; ///< numbers of a row

    private:
        friend class WeightSource;
        void addAdapter(std::int64_t first, std::int64_t count, std::span<float> out) const;

        const TensorEntry* m_entry = nullptr;
        // Empty where no adapter changes it.
        std::vector<float> m_a; // [rank, in]
        std::vector<float> m_b; // [out, rank], the scale in it
        std::int64_t m_rank = 0;
        bool m_transposed = false;
    };
    /// \return Corrupt when the file lacks it or has it in another shape, Unsupported when it holds
    ///         no floating-point numbers
    [[nodiscard]] Result<Slot> slot(const WeightSlot& wanted) const;

private:
    struct Adapter {
        SafetensorsFile file;
        LoraConfig config;
    };
    WeightSource(std::filesystem::path folder, DecoderConfig config, WeightFiles weights)
        : m_folder(std::move(folder)), m_config(std::move(config)), m_weights(std::move(weights))
    {
    }

    std::filesystem::path m_folder;
    DecoderConfig m_config;
    WeightFiles m_weights;
    std::optional<Adapter> m_adapter;
};

} // namespace lacuna
