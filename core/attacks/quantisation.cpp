#include "core/attacks/attack.h"
#include "core/attacks/kept_weights.h"
#include "core/attacks/quantisation_grid.h"
#include "core/base/text.h"

#include <algorithm>

namespace lacuna {
namespace {

Result<std::vector<std::string>> formatsOf(const ParamSet& params)
{
    std::vector<std::string> formats;
    for (const std::string& part : split(params.text("formats"), ',')) {
        const std::string format(trimmed(part));
        if (std::ranges::count(quantisationFormats(), format) == 0)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "there is no number format \"" + format + "\"",
                         .context = "quantisation.formats",
                         .remedy = "known ones: " + join(quantisationFormats(), ", ")};
        if (std::ranges::count(formats, format) == 0)
            formats.push_back(format);
    }
    return formats;
}

Status check(const ParamSet& params)
{
    const Result<std::vector<std::string>> formats = formatsOf(params);
    return formats ? Status() : formats.error();
}

AttackCost cost(const ParamSet& params)
{
    const Result<std::vector<std::string>> formats = formatsOf(params);
    const double passes = formats ? static_cast<double>(formats->size()) : 0;
    return {.scores = passes, .answers = passes};
}

/// How the unlearned weights lie to the original's, before and behind the rounding.
struct Compared {
    double all = 0;
    double moved = 0;   ///< differ as they are
    double rounded = 0; ///< take another step of the grid
};

/// As the grid has it: groups along what is multiplied and summed.
at::Tensor asRows(const Parameter& parameter, const at::Tensor& values)
{
    return parameter.transposed ? values.t().contiguous() : values;
}

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    const at::NoGradGuard noGrad;
    const std::vector<std::string> formats = formatsOf(params).value();
    const std::int64_t group = params.integer("group");
    KeptWeights kept(target.decoder, blockMatrices(target.decoder));
    std::vector<AttackedSetting> settings;
    for (const std::string& format : formats) {
        Compared compared;
        for (const KeptWeights::Kept& one : kept.weights()) {
            Parameter& parameter = *one.parameter;
            const Quantised now = quantised(asRows(parameter, one.values), format, group);
            parameter.master.copy_(parameter.transposed ? now.values.t() : now.values);
            const at::Tensor original = target.original ? target.original(parameter) : at::Tensor();
            if (!original.defined())
                continue;
            compared.all += static_cast<double>(one.values.numel());
            compared.moved += (original != one.values).sum().item<double>();
            compared.rounded +=
                (quantised(asRows(parameter, original), format, group).codes != now.codes)
                    .sum()
                    .item<double>();
        }
        target.decoder.refresh();
        const auto share =
            static_cast<double>(settings.size()) / static_cast<double>(formats.size());
        const std::vector<SampleScan> scans =
            scanTarget(target, target.decoder, target.samples, share);
        if (scans.empty())
            return std::vector<AttackedSetting>();
        settings.push_back(settingOf(format, {{"format", format}}, scans));
        if (compared.all > 0)
            settings.back().facts = {{"moved", compared.moved / compared.all},
                                     {"rounded_differently", compared.rounded / compared.all}};
    }
    return settings;
}

} // namespace

AttackInfo quantisation()
{
    return {.id = "quantisation",
            .title = "Coarser numbers",
            .source = "Zhang Z. et al. 2025, arXiv:2410.16454; unlearning reference 3.11",
            .explanation =
                "The weights of the blocks are rounded to 8 or 4 bits and back, as happens when a "
                "model is shrunk for a small machine; embeddings, norms and head stay. A change "
                "that is smaller than half a step of the grid is rounded away, and what was "
                "unlearned by it comes back. Beside the scores stands the share of weights that "
                "are rounded to another step than the original's: where it is small, the shrunk "
                "model is nearly the original.",
            .reach = AttackReach::Weights,
            .params = {{.name = "formats",
                        .fallback = std::string("int8,int4,nf4"),
                        .help = "number formats, with commas between them: int8, int4, nf4"},
                       {.name = "group",
                        .fallback = std::int64_t{128},
                        .min = 8,
                        .max = 4096,
                        .unit = "weights",
                        .help = "that share a scale, along the input; nf4 has 64 always",
                        .provenance = "usual in quantised files: 64 to 128"}},
            .check = &check,
            .cost = &cost,
            .run = &run};
}

} // namespace lacuna
