#include "core/run/step_search.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

LastUpdate::LastUpdate(Decoder& decoder) : m_decoder(decoder)
{
    for (const Parameter& parameter : decoder.parameters())
        if (parameter.trained)
            m_before.push_back(parameter.master.clone());
}

void LastUpdate::setLength(double length)
{
    const at::NoGradGuard noGrad;
    const bool first = m_update.empty();
    auto before = m_before.begin();
    auto update = m_update.begin();
    for (Parameter& parameter : m_decoder.parameters()) {
        if (!parameter.trained)
            continue;
        if (first)
            m_update.push_back(parameter.master - *before);
        parameter.master.copy_(*before++).add_(first ? m_update.back() : *update++, length);
    }
    m_decoder.refresh();
}

double bestLength(double behind, double here, double ahead, double range)
{
    const double slope = (ahead - behind) / 2;
    const double curvature = ahead + behind - 2 * here;
    if (!std::isfinite(slope) || !std::isfinite(curvature) || curvature <= 0)
        return 1;
    return std::clamp(-slope / curvature, 1 / range, range);
}

} // namespace lacuna
