#include "app/pages/evaluate/score_figures.h"

#include "app/scores/metric_text.h"
#include "core/base/rng.h"
#include "core/metrics/evaluation_interval.h"
#include "core/metrics/histogram.h"
#include "widgets/table/value_text.h"
#include "widgets/text/model_mark.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

struct ScoreFigures {
    Q_DECLARE_TR_FUNCTIONS(lacuna::ScoreFigures)
};

constexpr std::size_t kBins = 20;
constexpr double kHeadroom = 1.08;
constexpr double kConfidence = 0.95;
constexpr std::array kRoles = {ModelRole::Original, ModelRole::Current, ModelRole::Reference};

QString count(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

QString number(double value)
{
    return shortNumber(value, QLocale());
}

QString percent(double share)
{
    return ScoreFigures::tr("%1 %").arg(QLocale().toString(100 * share, 'f', 1));
}

/// A line in the manner of its model; the reference's has the dash that is its own.
FigureChart::Line lineOf(ModelRole role)
{
    return {.id = QString::fromLatin1(idOf(role).data(), static_cast<qsizetype>(idOf(role).size())),
            .style = {.label = modelName(role),
                      .color = modelColor(role),
                      .dash = role == ModelRole::Reference ? LineDash::LongDash : LineDash::Solid,
                      .canBeSmoothed = false},
            .xs = {},
            .ys = {}};
}

std::vector<double> valuesOf(const ScoreSheet& sheet, const MetricRow& row, ModelRole role)
{
    std::vector<double> values;
    if (const auto source = row.source(role))
        for (const SampleValue& sample : sheet.record.evaluations[*source].samples)
            values.push_back(sample.value);
    return values;
}

QString binText(const HistogramBins& bins, std::size_t bin)
{
    return ScoreFigures::tr("%1 to %2").arg(number(bins.edges[bin]), number(bins.edges[bin + 1]));
}

/// Steps over the bins, from the axis up and back down to it.
FigureChart::Line histogramLine(ModelRole role, const HistogramBins& bins,
                                const std::vector<std::int64_t>& counts)
{
    FigureChart::Line line = lineOf(role);
    line.filled = true;
    std::int64_t all = 0;
    for (const std::int64_t one : counts)
        all += one;
    const auto add = [&](double x, double y) {
        line.xs.push_back(x);
        line.ys.push_back(y);
    };
    add(bins.edges.front(), 0);
    for (std::size_t bin = 0; bin < counts.size(); ++bin) {
        const double from = bins.edges[bin];
        const double to = bins.edges[bin + 1];
        const auto height = static_cast<double>(counts[bin]);
        add(from, height);
        add(to, height);
        line.stops.push_back(
            {.x = bins.logarithmic ? std::sqrt(from * to) : (from + to) / 2,
             .y = height,
             .text = ScoreFigures::tr("%1: %2 of %3 samples")
                         .arg(binText(bins, bin), count(counts[bin]), count(all))});
    }
    add(bins.edges.back(), 0);
    return line;
}

/// In words: where the middle of each model's samples lies.
QString mediansText(const std::map<ModelRole, std::vector<double>>& values)
{
    QStringList parts;
    for (const auto& [role, all] : values) {
        std::vector<double> sorted = all;
        std::erase_if(sorted, [](double value) { return std::isnan(value); });
        if (sorted.empty())
            continue;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        parts << ScoreFigures::tr("%1 %2").arg(modelName(role), number(*middle));
    }
    return parts.isEmpty() ? QString()
                           : ScoreFigures::tr("The middle sample: %1.").arg(parts.join(u", "_s));
}

} // namespace

FigureChart::Content histogramFigure(const ScoreSheet& sheet, const MetricRow& row)
{
    std::map<ModelRole, std::vector<double>> values;
    std::vector<double> all;
    for (const ModelRole role : kRoles) {
        const std::vector<double> own = valuesOf(sheet, row, role);
        if (own.empty())
            continue;
        all.insert(all.end(), own.begin(), own.end());
        values.emplace(role, own);
    }
    const MetricText words = metricText(row.metric);
    FigureChart::Content content{.title = ScoreFigures::tr("How are the samples spread?"),
                                 .hint = setTitle(row.set),
                                 .xAxis = words.title,
                                 .yAxis = ScoreFigures::tr("Samples"),
                                 .x = {},
                                 .y = {}};
    const HistogramBins bins = histogramBins(all, kBins);
    if (bins.edges.empty())
        return content;
    content.logarithmicX = bins.logarithmic;
    content.x = {bins.edges.front(), bins.edges.back()};
    content.summary = mediansText(values);
    content.tableHeader = {words.title};
    content.table.resize(bins.edges.size() - 1);
    for (std::size_t bin = 0; bin < content.table.size(); ++bin)
        content.table[bin] = {binText(bins, bin)};
    std::int64_t most = 1;
    for (const auto& [role, own] : values) {
        const std::vector<std::int64_t> counts = histogramCounts(own, bins);
        content.lines.push_back(histogramLine(role, bins, counts));
        content.tableHeader << modelName(role);
        for (std::size_t bin = 0; bin < counts.size(); ++bin) {
            content.table[bin] << count(counts[bin]);
            most = std::max(most, counts[bin]);
        }
    }
    content.y = {0, kHeadroom * static_cast<double>(most)};
    return content;
}

std::string membershipScore(const std::string& metric)
{
    static const std::map<std::string, std::string> kScores = {
        {"mia-loss", "loss"},
        {"mia-zlib", "zlib"},
        {"mia-min-k", "min-k"},
        {"mia-min-k-plus-plus", "min-k-plus-plus"},
        {"mia-reference", "reference-loss"},
        {"mia-gradnorm", "gradnorm"}};
    if (metric == "nll")
        return metric;
    for (const auto& [attack, score] : kScores)
        if (metric == attack || metric == score)
            return score;
    return {};
}

std::vector<RocResult> rocResults(const ScoreSheet& sheet, const MetricRow& row)
{
    const std::string score = membershipScore(row.metric);
    const auto rowOf = [&](const char* set) -> const MetricRow* {
        const auto found = std::ranges::find_if(sheet.rows, [&](const MetricRow& one) {
            return one.set == set && one.metric == score &&
                   (row.metric != score || one.variant == row.variant);
        });
        return found == sheet.rows.end() ? nullptr : &*found;
    };
    const MetricRow* forget = rowOf("forget");
    const MetricRow* holdout = rowOf("holdout");
    if (score.empty() || !forget || !holdout)
        return {};
    std::vector<RocResult> results;
    for (const ModelRole role : kRoles) {
        const std::vector<double> members = valuesOf(sheet, *forget, role);
        const std::vector<double> others = valuesOf(sheet, *holdout, role);
        const TwoGroups groups{.forget = members, .holdout = others};
        RocResult result{
            .role = role, .curve = rocCurve(groups), .auc = aucOf(groups), .interval = {}};
        if (result.curve.empty())
            continue;
        Random random(kIntervalSeed);
        result.interval = bootstrapAucInterval(groups, kConfidence, kIntervalResamples, random);
        result.atOnePercent = truePositiveRateAt(result.curve, 0.01);
        result.atFivePercent = truePositiveRateAt(result.curve, 0.05);
        results.push_back(std::move(result));
    }
    return results;
}

FigureChart::Content rocFigure(const std::vector<RocResult>& results, const std::string& metric)
{
    FigureChart::Content content{
        .title =
            ScoreFigures::tr("Can the forget set be told from text that was never trained on?"),
        .hint =
            ScoreFigures::tr("By \u201c%1\u201d. On the diagonal it cannot; above it the forget "
                             "set looks trained on, below it over-forgotten.")
                .arg(metricText(membershipScore(metric)).title),
        .xAxis = ScoreFigures::tr("Holdout, wrongly found"),
        .yAxis = ScoreFigures::tr("Forget set, found"),
        .x = {0, 1},
        .y = {0, 1},
        .tableHeader = {ScoreFigures::tr("Model"), ScoreFigures::tr("Area below the curve"),
                        ScoreFigures::tr("95 % interval"), ScoreFigures::tr("Found at 1 % wrong"),
                        ScoreFigures::tr("Found at 5 % wrong")}};
    content.guides.push_back({.id = u"diagonal"_s,
                              .style = {.label = {}, .dash = LineDash::Dot},
                              .xs = {0, 1},
                              .ys = {0, 1}});
    QStringList areas;
    for (const RocResult& result : results) {
        FigureChart::Line line = lineOf(result.role);
        for (const RocPoint& point : result.curve) {
            line.xs.push_back(point.falsePositiveRate);
            line.ys.push_back(point.truePositiveRate);
            line.stops.push_back({.x = point.falsePositiveRate,
                                  .y = point.truePositiveRate,
                                  .text = ScoreFigures::tr("%1 of the forget set found, %2 of the "
                                                           "holdout wrongly")
                                              .arg(percent(point.truePositiveRate),
                                                   percent(point.falsePositiveRate))});
        }
        const QString place = ScoreFigures::tr("%1 to %2")
                                  .arg(number(result.interval.low), number(result.interval.high));
        line.style.label =
            ScoreFigures::tr("%1, area %2").arg(modelName(result.role), number(result.auc));
        content.table.push_back({modelName(result.role), number(result.auc), place,
                                 percent(result.atOnePercent), percent(result.atFivePercent)});
        areas << ScoreFigures::tr("%1: area %2 (%3), %4 found at 1 % wrong, %5 at 5 %")
                     .arg(modelName(result.role), number(result.auc), place,
                          percent(result.atOnePercent), percent(result.atFivePercent));
        content.lines.push_back(std::move(line));
    }
    content.summary = areas.join(u'\n');
    return content;
}

} // namespace lacuna
