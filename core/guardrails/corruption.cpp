#include "core/guardrails/corruption.h"

#include "core/base/rng.h"

#include <algorithm>

namespace lacuna {
namespace {

/// \p rows without the last, which the model goes on from.
at::Tensor corrupted(const at::Tensor& rows)
{
    return rows.narrow(0, 0, std::max<std::int64_t>(0, rows.size(0) - 1));
}

class Noise final : public EmbeddingChange {
public:
    Noise(std::int64_t dimensions, double sigma, std::uint64_t seed)
        : m_dimensions(dimensions), m_sigma(sigma), m_seed(seed)
    {
    }

    void apply(const at::Tensor& rows) const override
    {
        if (m_sigma == 0)
            return;
        const at::Tensor part = corrupted(rows).narrow(1, 0, m_dimensions);
        at::Tensor noise = at::empty(part.sizes(), at::kDouble);
        double* values = noise.data_ptr<double>();
        Random random(m_seed);
        for (std::int64_t i = 0; i < noise.numel(); ++i)
            values[i] = m_sigma * random.normal();
        part.add_(noise.to(part.device(), part.scalar_type()));
    }

private:
    std::int64_t m_dimensions;
    double m_sigma;
    std::uint64_t m_seed;
};

class Zero final : public EmbeddingChange {
public:
    explicit Zero(std::int64_t dimensions) : m_dimensions(dimensions) {}

    void apply(const at::Tensor& rows) const override
    {
        const at::Tensor part = corrupted(rows);
        part.scatter_(1, std::get<1>(part.abs().topk(m_dimensions, 1)), 0.0);
    }

private:
    std::int64_t m_dimensions;
};

} // namespace

std::shared_ptr<const EmbeddingChange> noiseChange(std::int64_t dimensions, double sigma,
                                                   std::uint64_t seed)
{
    return std::make_shared<const Noise>(dimensions, sigma, seed);
}

std::shared_ptr<const EmbeddingChange> zeroChange(std::int64_t dimensions)
{
    return std::make_shared<const Zero>(dimensions);
}

} // namespace lacuna
