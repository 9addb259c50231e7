#include "core/base/text.h"
#include "core/exchange/config_values.h"
#include "core/exchange/gguf_family.h"
#include "core/models/config.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

// As large as any reader of config.json in core/models allows, and counted in 32 bits by a GGUF.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 22;
constexpr std::int64_t kMaxLayers = std::int64_t{1} << 12;
constexpr std::int64_t kMaxContext = std::int64_t{1} << 31;

class Describer {
public:
    Describer(const GgufFamily& family, const Json& document)
        : m_family(family), m_config(document, "config")
    {
    }

    Result<GgufDescription> describe()
    {
        readSizes();
        if (const Status status = m_config.status(); !status)
            return status.error();
        addSizes();
        checkActivation();
        addWindow();
        if (m_family.keys.ropeTheta)
            addRope();
        if (m_family.more)
            m_family.more(m_config, m_out);
        if (const Status status = m_config.status(); !status)
            return status.error();
        return std::move(m_out);
    }

private:
    void readSizes()
    {
        const GgufFamily::Keys& keys = m_family.keys;
        GgufSizes& sizes = m_out.sizes;
        sizes.vocabulary = m_config.size("vocab_size", kMaxExtent);
        sizes.context = m_config.size(keys.context, kMaxContext, m_family.context);
        sizes.width = m_config.size(keys.width, kMaxExtent);
        sizes.layers = m_config.size(keys.layers, kMaxLayers);
        sizes.heads = m_config.size(keys.heads, kMaxExtent);
        sizes.kvHeads =
            keys.kvHeads ? m_config.size(keys.kvHeads, kMaxExtent, sizes.heads) : sizes.heads;
        const std::int64_t share = m_family.headWidth > 0
                                       ? m_family.headWidth
                                       : std::max<std::int64_t>(1, sizes.width / sizes.heads);
        sizes.headWidth = m_config.size("head_dim", kMaxExtent / sizes.heads, share);
        // GPT-2's n_inner may be null, four times the width.
        sizes.mlp = keys.mlp == std::string_view("n_inner")
                        ? m_config.size(keys.mlp, kMaxExtent, 4 * sizes.width)
                        : m_config.size(keys.mlp, kMaxExtent);
        sizes.tied = m_config.flag("tie_word_embeddings", m_family.tied);
        if (sizes.heads % sizes.kvHeads != 0)
            m_config.fail(keys.kvHeads, ErrorCode::Corrupt,
                          "the number of heads is not a multiple of that of key/value heads");
        if (!keys.ropeTheta)
            return;
        const double rotated =
            keys.rotaryShare ? m_config.positive(keys.rotaryShare, m_family.rotaryShare) : 1;
        sizes.rotaryWidth = static_cast<std::int64_t>(std::min(rotated, 1.0) *
                                                      static_cast<double>(sizes.headWidth));
        if (sizes.rotaryWidth % 2 != 0 || sizes.rotaryWidth == 0)
            m_config.fail(
                keys.rotaryShare ? keys.rotaryShare : "head_dim", ErrorCode::Corrupt,
                fmt::format("{} numbers of a head cannot be rotated in pairs", sizes.rotaryWidth));
    }

    [[nodiscard]] std::string key(std::string_view name) const
    {
        return fmt::format("{}.{}", m_family.architecture, name);
    }

    void addSize(std::string_view name, std::int64_t value)
    {
        m_out.metadata.addU32(key(name), static_cast<std::uint32_t>(value));
    }

    void addSizes()
    {
        const GgufSizes& sizes = m_out.sizes;
        addSize("vocab_size", sizes.vocabulary);
        addSize("context_length", sizes.context);
        addSize("embedding_length", sizes.width);
        addSize("block_count", sizes.layers);
        addSize("feed_forward_length", sizes.mlp);
        addSize("attention.head_count", sizes.heads);
        addSize("attention.head_count_kv", sizes.kvHeads);
        addSize("attention.key_length", sizes.headWidth);
        addSize("attention.value_length", sizes.headWidth);
        m_out.metadata.addF32(
            key(m_family.rmsNorm ? "attention.layer_norm_rms_epsilon"
                                 : "attention.layer_norm_epsilon"),
            static_cast<float>(m_config.positive(m_family.keys.normEps, m_family.normEps)));
    }

    void checkActivation()
    {
        const std::vector<std::string_view>& known = m_family.activations;
        const std::string name =
            m_config.text(m_family.keys.activation, std::string(known.front()));
        if (std::ranges::find(known, name) == known.end())
            m_config.fail(m_family.keys.activation, ErrorCode::Unsupported,
                          fmt::format("llama.cpp has no activation \"{}\" in this family", name));
        else if (name == "gelu")
            m_out.warnings.emplace_back("llama.cpp computes GELU by its tanh approximation, up to "
                                        "0.0005 away from the exact one of this model");
    }

    void addWindow()
    {
        // Qwen's configs name a window beside a flag that says whether it is used.
        if (!m_config.has("sliding_window") ||
            !m_config.flag("use_sliding_window", m_family.usesWindow))
            return;
        const std::int64_t window = m_config.size("sliding_window", kMaxContext);
        addSize("attention.sliding_window", window);
        if (!m_family.keepsWindow && window < m_out.sizes.context)
            m_out.warnings.push_back(
                fmt::format("llama.cpp ignores the sliding window of {} tokens in this "
                            "architecture: beyond it, it sees more than this model does",
                            window));
    }

    void addRope()
    {
        // transformers 5 writes base and scaling into one object of another name, and GPT-NeoX
        // calls the base by two names.
        const char* thetaKey = m_config.has("rope_theta") ? "rope_theta" : m_family.keys.ropeTheta;
        const Json* parameters = m_config.object("rope_parameters");
        const char* place = parameters ? "rope_parameters" : "rope_scaling";
        const Json* scaling = parameters ? parameters : m_config.object("rope_scaling");
        const double base = m_config.positive(thetaKey, 10000.0);
        double theta = base;
        if (scaling) {
            ConfigValues values(*scaling, fmt::format("config.{}", place));
            theta = values.positive("rope_theta", base);
            addScaling(values, theta);
            if (const Status status = values.status(); !status)
                m_config.fail(place, status.error().code, status.error().message,
                              status.error().remedy);
        }
        addSize("rope.dimension_count", m_out.sizes.rotaryWidth);
        m_out.metadata.addF32(key("rope.freq_base"), static_cast<float>(theta));
    }

    void addScaling(ConfigValues& scaling, double theta)
    {
        const std::string kind = scaling.text("rope_type", scaling.text("type", "default"));
        if (kind == "default")
            return;
        if (kind == "longrope" || kind == "su")
            return addLongRope(scaling);
        if (kind != "linear" && kind != "llama3" && kind != "yarn") {
            scaling.fail("rope_type", ErrorCode::Unsupported,
                         fmt::format("llama.cpp has no rope scaling of type \"{}\"", kind),
                         "linear, llama3, yarn and longrope can be exported");
            return;
        }
        if (!scaling.has("factor")) {
            scaling.fail("factor", ErrorCode::Corrupt, "rope scaling needs a factor");
            return;
        }
        const double factor = scaling.positive("factor", 1);
        if (kind == "llama3")
            return addLlama3(scaling, theta, factor);
        m_out.metadata.addText(key("rope.scaling.type"), kind);
        m_out.metadata.addF32(key("rope.scaling.factor"), static_cast<float>(factor));
        if (kind == "yarn")
            addSize(
                "rope.scaling.original_context_length",
                scaling.size("original_max_position_embeddings", kMaxContext, m_out.sizes.context));
    }

    /// llama.cpp has Llama 3's stretching as divisors of the frequencies.
    void addLlama3(ConfigValues& scaling, double theta, double factor)
    {
        RopeConfig rope;
        rope.theta = theta;
        const std::vector<double> plain = rope.frequencies(m_out.sizes.rotaryWidth);
        rope.scaling = RopeScaling::Llama3;
        rope.factor = factor;
        rope.lowFrequencyFactor = scaling.positive("low_freq_factor", rope.lowFrequencyFactor);
        rope.highFrequencyFactor = scaling.positive("high_freq_factor", rope.highFrequencyFactor);
        rope.originalContext =
            scaling.positive("original_max_position_embeddings", rope.originalContext);
        const std::vector<double> stretched = rope.frequencies(m_out.sizes.rotaryWidth);
        GgufComputedTensor divisors{.name = "rope_freqs.weight"};
        for (std::size_t i = 0; i < plain.size(); ++i)
            divisors.values.push_back(static_cast<float>(plain[i] / stretched[i]));
        m_out.computed.push_back(std::move(divisors));
    }

    /// Phi-3's two sets of divisors (Ding et al. 2024, arXiv:2402.13753), of which the length of
    /// the text chooses one.
    void addLongRope(ConfigValues& scaling)
    {
        if (m_family.modelType != "phi3") {
            scaling.fail("rope_type", ErrorCode::Unsupported,
                         "llama.cpp knows this rope scaling in the family phi3 only");
            return;
        }
        const auto original = static_cast<double>(
            m_config.size("original_max_position_embeddings", kMaxContext, m_out.sizes.context));
        for (const auto& [source, target] :
             {std::pair("long_factor", "rope_factors_long.weight"),
              std::pair("short_factor", "rope_factors_short.weight")}) {
            GgufComputedTensor divisors{.name = target, .values = scaling.positives(source)};
            if (static_cast<std::int64_t>(divisors.values.size()) * 2 != m_out.sizes.rotaryWidth)
                scaling.fail(source, ErrorCode::Corrupt,
                             fmt::format("{} factors, where {} are needed", divisors.values.size(),
                                         m_out.sizes.rotaryWidth / 2));
            m_out.computed.push_back(std::move(divisors));
        }
        const double stretch = static_cast<double>(m_out.sizes.context) / original;
        const double attention =
            stretch <= 1 ? 1 : std::sqrt(1 + std::log(stretch) / std::log(original));
        addSize("rope.scaling.original_context_length", static_cast<std::int64_t>(original));
        m_out.metadata.addF32(key("rope.scaling.attn_factor"), static_cast<float>(attention));
    }

    const GgufFamily& m_family;
    ConfigValues m_config;
    GgufDescription m_out;
};

} // namespace

std::int64_t GgufSizes::of(Extent extent) const
{
    switch (extent) {
    case Extent::Vocabulary:
        return vocabulary;
    case Extent::Context:
        return context;
    case Extent::Width:
        return width;
    case Extent::Query:
        return heads * headWidth;
    case Extent::KeyValue:
        return kvHeads * headWidth;
    case Extent::QueryKeyValue:
        return (heads + 2 * kvHeads) * headWidth;
    case Extent::HeadWidth:
        return headWidth;
    case Extent::Mlp:
        return mlp;
    case Extent::GateAndUp:
        return 2 * mlp;
    case Extent::None:
        break;
    }
    return 1;
}

Result<const GgufFamily*> ggufFamily(const Json& config)
{
    ConfigValues values(config, "config");
    const std::string type = values.text("model_type", "");
    if (const Status status = values.status(); !status)
        return status.error();
    std::vector<std::string> known;
    for (const GgufFamily& family : ggufFamilies()) {
        if (family.modelType == type)
            return &family;
        known.emplace_back(family.modelType);
    }
    return Error{.code = ErrorCode::Unsupported,
                 .message = type.empty()
                                ? "config.json does not say of which family the model is"
                                : fmt::format("llama.cpp does not know the family \"{}\", or "
                                              "Lacuna cannot export it to GGUF",
                                              type),
                 .context = "config.model_type",
                 .remedy = "export it as safetensors; GGUF goes for " + join(known, ", ")};
}

Result<GgufDescription> describeForGguf(const GgufFamily& family, const Json& config)
{
    return Describer(family, config).describe();
}

} // namespace lacuna
