#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lacuna {

/// A growing curve that can be drawn at any zoom in time that depends on the pixels, not on the
/// points: above the points stand levels of buckets, each of which knows its lowest and its highest
/// point.
class SeriesPyramid {
public:
    struct Point {
        double x = 0;
        double y = 0;
        friend bool operator==(const Point&, const Point&) = default;
    };
    struct Extremes {
        std::uint32_t lowest = 0; ///< index of the first lowest point
        std::uint32_t highest = 0;
    };

    /// Amortised O(1). Both finite; \p x not below that of the last point.
    /// \throws std::logic_error otherwise
    void append(double x, double y);
    void clear();

    [[nodiscard]] std::size_t size() const { return m_points.size(); }
    [[nodiscard]] bool empty() const { return m_points.empty(); }
    [[nodiscard]] const Point& at(std::size_t index) const { return m_points[index]; }
    /// Of all points; there must be one.
    [[nodiscard]] double lowest() const { return m_lowest; }
    [[nodiscard]] double highest() const { return m_highest; }
    /// Index of the first point with x >= \p x; size() when there is none.
    [[nodiscard]] std::size_t lowerBound(double x) const;
    /// Of the points with \p begin <= index < \p end, of which there must be one. O(log n).
    [[nodiscard]] Extremes extremes(std::size_t begin, std::size_t end) const;

    /// Points that look like all points when [\p from, \p to] is \p columns pixels wide: of each
    /// column the first, the lowest, the highest and the last in their order, four at most. No
    /// spike is lost. The neighbours outside the range come too, so that the line reaches the edge.
    [[nodiscard]] std::vector<Point> thinned(double from, double to, int columns) const;

private:
    static constexpr std::size_t kBranching = 16;

    void complete(std::size_t level);
    void addColumn(std::size_t begin, std::size_t end, std::vector<Point>& out) const;

    std::vector<Point> m_points;
    /// m_levels[k] has a bucket for each 16^(k+1) points; only complete ones.
    std::vector<std::vector<Extremes>> m_levels;
    double m_lowest = 0;
    double m_highest = 0;
};

} // namespace lacuna
