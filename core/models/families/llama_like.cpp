#include "core/models/families/llama_like.h"

#include <nlohmann/json.hpp>

namespace lacuna {

DecoderConfig readLlamaLike(ConfigReader& reader, bool tiedByDefault)
{
    DecoderConfig out;
    readCommon(reader, out, tiedByDefault);
    readUsualSizes(reader, out);
    readRope(reader, out, {"partial_rotary_factor"});
    out.normEps = reader.positive("rms_norm_eps", out.normEps);
    out.activation = reader.activation("hidden_act", "silu");
    return out;
}

OrderedJson writeLlamaLike(const DecoderConfig& config, const char* modelType)
{
    OrderedJson json = writeCommon(config, modelType);
    writeUsualSizes(config, json);
    writeRope(config, json);
    if (config.rope.share < 1)
        json["partial_rotary_factor"] = config.rope.share;
    json["rms_norm_eps"] = config.normEps;
    json["hidden_act"] = activationName(config.activation);
    return json;
}

void readWindow(ConfigReader& reader, DecoderConfig& out, std::optional<std::int64_t> fallback)
{
    if (!reader.config().contains("sliding_window"))
        out.slidingWindow = fallback;
    else if (reader.has("sliding_window"))
        out.slidingWindow = reader.size("sliding_window", {}, ConfigReader::kMaxContext);
}

void writeWindow(const DecoderConfig& config, OrderedJson& json)
{
    json["sliding_window"] = nullptr;
    if (config.slidingWindow)
        json["sliding_window"] = *config.slidingWindow;
}

} // namespace lacuna
