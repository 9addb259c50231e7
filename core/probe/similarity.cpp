#include "core/probe/similarity.h"

#include "core/models/decoder.h"

#include <fmt/format.h>

#include <limits>

namespace lacuna {
namespace {

/// Of the rows for the alignment, whose Gram matrices are square in their number.
constexpr std::int64_t kMostCkaRows = 1024;

std::string shapeOf(const DecoderConfig& config)
{
    return fmt::format("{} blocks of width {} and {} tokens", config.layers, config.width,
                       config.vocabulary);
}

Status checkShapes(const DecoderConfig& model, const DecoderConfig& original)
{
    if (model.layers == original.layers && model.width == original.width &&
        model.vocabulary == original.vocabulary)
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = fmt::format("residual streams compare between models of the same "
                                        "shape; one has {}, the original {}",
                                        shapeOf(model), shapeOf(original)),
                 .context = "original",
                 .remedy = "give the model that this one was made from"};
}

std::int64_t scoredTokens(const std::vector<const ScoredSample*>& samples)
{
    std::int64_t count = 0;
    for (const ScoredSample* sample : samples)
        count += sample->scoredCount();
    return count;
}

/// Sums over the rows seen so far, block by block.
class Comparison {
public:
    Comparison(std::int64_t layers, const std::vector<const ScoredSample*>& samples)
        : m_stride((scoredTokens(samples) + kMostCkaRows - 1) / kMostCkaRows),
          m_cosines(static_cast<std::size_t>(layers)), m_ratios(m_cosines.size()),
          m_kept(m_cosines.size()), m_keptOfOriginal(m_cosines.size()),
          m_sampleSums(samples.size()), m_samples(&samples)
    {
    }

    /// \param rows, of  [M, D] of both models, the same rows in the same order
    void add(const WalkedBatch& batch, std::size_t layer, const at::Tensor& rows,
             const at::Tensor& of)
    {
        const at::Tensor x = rows.to(at::kDouble);
        const at::Tensor y = of.to(at::kDouble);
        const at::Tensor lengths = x.norm(2, 1);
        const at::Tensor ofLengths = y.norm(2, 1);
        const at::Tensor cosine = (x * y).sum(1) / (lengths * ofLengths);
        m_cosines[layer] += cosine.sum().item<double>();
        m_ratios[layer] += (lengths / ofLengths).sum().item<double>();
        const std::int64_t* owners = batch.rows.owners.data_ptr<std::int64_t>();
        for (std::int64_t row = 0; row < x.size(0); ++row)
            m_sampleSums[batch.samples[static_cast<std::size_t>(owners[row])]] +=
                cosine.data_ptr<double>()[row];
        // Evenly spread over all rows, wherever a batch begins.
        const std::int64_t first = (m_stride - m_rows % m_stride) % m_stride;
        if (first < x.size(0)) {
            m_kept[layer].push_back(rows.slice(0, first, x.size(0), m_stride).clone());
            m_keptOfOriginal[layer].push_back(of.slice(0, first, x.size(0), m_stride).clone());
        }
        if (layer + 1 == m_cosines.size())
            m_rows += x.size(0);
    }

    [[nodiscard]] Similarity result() const
    {
        Similarity similarity{.rows = m_rows};
        const auto rows = static_cast<double>(m_rows);
        for (std::size_t layer = 0; layer < m_cosines.size(); ++layer) {
            const at::Tensor kept = at::cat(m_kept[layer]);
            similarity.ckaRows = kept.size(0);
            similarity.layers.push_back({.layer = static_cast<std::int64_t>(layer),
                                         .cosine = m_cosines[layer] / rows,
                                         .normRatio = m_ratios[layer] / rows,
                                         .cka = linearCka(kept, at::cat(m_keptOfOriginal[layer]))});
        }
        for (std::size_t i = 0; i < m_sampleSums.size(); ++i)
            similarity.sampleCosines.push_back(m_sampleSums[i] /
                                               static_cast<double>((*m_samples)[i]->scoredCount()) /
                                               static_cast<double>(m_cosines.size()));
        return similarity;
    }

private:
    std::int64_t m_stride;
    std::int64_t m_rows = 0; // of the batches that are done
    std::vector<double> m_cosines;
    std::vector<double> m_ratios;
    std::vector<std::vector<at::Tensor>> m_kept; // [rows, D] each
    std::vector<std::vector<at::Tensor>> m_keptOfOriginal;
    std::vector<double> m_sampleSums;
    const std::vector<const ScoredSample*>* m_samples;
};

} // namespace

double linearCka(const at::Tensor& x, const at::Tensor& y)
{
    const auto gram = [](const at::Tensor& rows) {
        const at::Tensor wide = rows.to(at::kDouble);
        const at::Tensor centred = wide - wide.mean(0);
        return centred.mm(centred.t());
    };
    // |Y'X|^2 / (|X'X| |Y'Y|), by the Gram matrices of the rows: the same number, and small where
    // the width is large.
    const at::Tensor k = gram(x);
    const at::Tensor l = gram(y);
    const double scale = (k.norm() * l.norm()).item<double>();
    return scale > 0 ? (k * l).sum().item<double>() / scale
                     : std::numeric_limits<double>::quiet_NaN();
}

Result<std::optional<Similarity>> compareResiduals(Decoder& decoder, Decoder& original,
                                                   const std::vector<const ScoredSample*>& samples,
                                                   const WalkOptions& options)
{
    if (const Status status = checkShapes(decoder.config(), original.config()); !status)
        return status.error();
    const at::NoGradGuard noGrad;
    const std::int64_t layers = decoder.config().layers;
    const auto batches = walkedBatches(samples, options.tokenBudget, decoder.device());
    const double steps = 2 * static_cast<double>(batches.size()) * static_cast<double>(layers);
    double done = 0;
    const auto wanted = [&] { return !options.proceed || options.proceed(++done / steps); };
    Comparison comparison(layers, samples);
    for (const WalkedBatch& batch : batches) {
        const at::Tensor index = batch.rows.predicting + 1;
        const auto rowsOf = [&](const at::Tensor& residual) {
            return residual.index_select(0, index).to(at::kCPU);
        };
        std::vector<at::Tensor> before;
        bool goesOn = true;
        original.visitBlocks(batch.rows.packed, [&](std::int64_t, const at::Tensor& residual) {
            before.push_back(rowsOf(residual));
            return goesOn = wanted();
        });
        if (goesOn)
            decoder.visitBlocks(batch.rows.packed,
                                [&](std::int64_t block, const at::Tensor& residual) {
                                    const auto layer = static_cast<std::size_t>(block);
                                    comparison.add(batch, layer, rowsOf(residual), before[layer]);
                                    return goesOn = wanted();
                                });
        if (!goesOn)
            return std::optional<Similarity>();
    }
    return std::optional(comparison.result());
}

} // namespace lacuna
