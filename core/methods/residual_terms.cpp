#include "core/methods/residual_terms.h"

#include "core/base/rng.h"
#include "core/methods/scored_batch.h"

#include <algorithm>
#include <stdexcept>

namespace lacuna {
namespace {

RowChoice rowsOf(ResidualMean mean)
{
    return mean == ResidualMean::AllRows ? RowChoice::All : RowChoice::Scored;
}

} // namespace

const std::vector<std::string>& residualMeanIds()
{
    static const std::vector<std::string> ids = {"sequences", "crossed", "all"};
    return ids;
}

ResidualMean residualMeanOf(const std::string& id)
{
    const auto found = std::ranges::find(residualMeanIds(), id);
    if (found == residualMeanIds().end())
        throw std::logic_error("no mean of residual streams is called " + id);
    return static_cast<ResidualMean>(found - residualMeanIds().begin());
}

std::int64_t chosenBlock(std::int64_t layer, const DecoderConfig& config)
{
    return layer >= 0 ? layer : std::max<std::int64_t>(config.layers / 4 - 1, 0);
}

at::Tensor residualDistance(const at::Tensor& difference, const at::Tensor& owners,
                            ResidualMean mean, const Normaliser& normaliser)
{
    const at::Tensor perRow = difference.square().mean(1);
    switch (mean) {
    case ResidualMean::AllRows:
        return perRow.sum() / normaliser.rows;
    case ResidualMean::Crossed:
        return perRow.sum() *
               (normaliser.inverseTokens / (normaliser.sequences * normaliser.sequences));
    case ResidualMean::Sequences:
        break;
    }
    const at::Tensor counts = owners.bincount().to(perRow.options());
    return (perRow / counts.index_select(0, owners.to(perRow.device()))).sum() /
           normaliser.sequences;
}

bool MisdirectionTerm::prepare(const PrepareContext& context)
{
    if (m_settings.direction.defined())
        return true;
    std::vector<double> direction;
    Random random(derivedSeed(m_settings.seed, "misdirection"));
    for (std::int64_t i = 0; i < context.decoder.config().width; ++i)
        direction.push_back(random.uniform());
    const at::Tensor u = torch::tensor(direction, at::kDouble);
    m_settings.direction = u / u.norm();
    return true;
}

at::Tensor MisdirectionTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    const at::Tensor rows =
        rowsOf(m_settings.mean) == RowChoice::All ? batch.allHidden() : batch.labelledHidden();
    const at::Tensor target = m_settings.direction.to(rows.options()) * m_settings.coefficient;
    return residualDistance(rows - target, batch.owners(), m_settings.mean, normaliser);
}

bool ResidualDriftTerm::prepare(const PrepareContext& context)
{
    m_reference.emplace(chosenBlock(m_layer, context.decoder.config()), rowsOf(m_mean));
    return m_reference->prepare(context);
}

at::Tensor ResidualDriftTerm::contribution(ScoredBatch& batch, const Normaliser& normaliser)
{
    return residualDistance(m_reference->rowsOf(batch) - m_reference->of(batch), batch.owners(),
                            m_mean, normaliser);
}

} // namespace lacuna
