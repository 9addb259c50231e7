#pragma once

#include "widgets/chart/chart_scale.h"
#include "widgets/chart/series_pyramid.h"
#include "widgets/chart/smoothing.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lacuna {

/// The data of one curve: every point that came, and what is drawn of it. Steps that go back (a run
/// that continued from a checkpoint) begin a new segment instead of a loop.
class ChartSeries {
public:
    struct Segment {
        std::vector<double> xs; ///< all points, also those that are not finite
        std::vector<double> ys;
        std::vector<double> smoothed; ///< empty while there is no smoothing
        SeriesPyramid raw;            ///< what can be drawn of ys
        SeriesPyramid smooth;         ///< what can be drawn of smoothed
        DebiasedMean mean;
    };
    struct NonFinite {
        double x = 0;
        double y = 0; ///< NaN or an infinity
    };
    struct Nearest {
        double x = 0;
        double y = 0;
        double smoothed = 0; ///< y where there is no smoothing
    };

    /// O(batch). Both of the same length; points whose x is not finite are ignored.
    void append(std::span<const double> xs, std::span<const double> ys);
    void clear();
    /// Smooths the full series anew.
    void setSmoothing(double weight);
    /// For a logarithmic axis: only points above zero are drawn.
    void setPositiveOnly(bool positiveOnly);

    [[nodiscard]] double smoothing() const { return m_weight; }
    [[nodiscard]] const std::vector<Segment>& segments() const { return m_segments; }
    [[nodiscard]] const std::vector<NonFinite>& nonFinite() const { return m_nonFinite; }
    /// All points.
    [[nodiscard]] std::int64_t size() const { return m_size; }
    /// Finite points that a logarithmic axis cannot show.
    [[nodiscard]] std::int64_t leftOut() const { return m_positiveOnly ? m_nonPositive : 0; }
    [[nodiscard]] std::optional<AxisRange> xExtent() const;
    /// Of what is drawn.
    [[nodiscard]] std::optional<AxisRange> yExtent() const;
    /// The point whose x is nearest to \p x, of the newest segment that reaches it.
    [[nodiscard]] std::optional<Nearest> nearest(double x) const;
    [[nodiscard]] std::optional<Nearest> last() const;

private:
    void add(Segment& segment, double x, double y);
    void rebuild();

    std::vector<Segment> m_segments;
    std::vector<NonFinite> m_nonFinite;
    double m_weight = 0;
    bool m_positiveOnly = false;
    std::int64_t m_size = 0;
    std::int64_t m_nonPositive = 0;
};

} // namespace lacuna
