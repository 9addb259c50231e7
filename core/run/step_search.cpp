#include "core/run/step_search.h"

#include "core/run/optimizer.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

TrialUpdate::TrialUpdate(Decoder& decoder)
    : m_decoder(decoder), m_before(masterCopies(decoder.parameters()))
{
}

void TrialUpdate::capture()
{
    const at::NoGradGuard noGrad;
    auto before = m_before.begin();
    for (const Parameter& parameter : m_decoder.parameters())
        if (parameter.trained)
            m_update.push_back(parameter.master - *before++);
}

void TrialUpdate::setLength(double length)
{
    const at::NoGradGuard noGrad;
    auto before = m_before.begin();
    auto update = m_update.begin();
    for (Parameter& parameter : m_decoder.parameters())
        if (parameter.trained)
            parameter.master.copy_(*before++).add_(*update++, length);
    m_decoder.refresh();
}

double bestLength(double behind, double here, double ahead, double shortest, double longest)
{
    const double slope = (ahead - behind) / 2;
    const double curvature = ahead + behind - 2 * here;
    if (!std::isfinite(slope) || !std::isfinite(curvature) || curvature <= 0)
        return 1;
    return std::clamp(-slope / curvature, shortest, longest);
}

} // namespace lacuna
