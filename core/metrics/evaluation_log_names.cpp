#include "core/base/text.h"
#include "core/metrics/evaluation_log_parts.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lacuna {
namespace {

struct SetName {
    std::string_view set;
    std::string_view prefix;
};
constexpr std::array<SetName, 5> kSets = {{{"forget", "forget"},
                                           {"retain", "retain"},
                                           {"holdout", "holdout"},
                                           {"real-authors", "ra"},
                                           {"world-facts", "wf"}}};

struct MetricName {
    std::string_view metric;
    std::string_view suffix; ///< behind the set's prefix and "_"
    std::string_view key;
    bool leads = true;
};
/// What open-unlearning has a name for. Metrics of one suffix share an entry, whose
/// aggregate is that of the one that leads.
constexpr std::array<MetricName, 12> kMetrics = {{
    {"probability", "Q_A_Prob", "prob"},
    {"paraphrase-probability", "Q_A_PARA_Prob", "prob"},
    {"perturbed-probability", "Q_A_PERT_Prob", "prob"},
    {"option-probability", "Q_A_Prob_normalised", "prob"},
    {"rouge-l", "Q_A_ROUGE", "rougeL_recall"},
    {"rouge-1", "Q_A_ROUGE", "rouge1_recall", false},
    {"rouge-l-f1", "Q_A_ROUGE", "rougeL_f1", false},
    {"truth-ratio", "Truth_Ratio", "score"},
    {"extraction-strength", "extraction_strength", "score"},
    {"exact-memorization", "exact_memorization", "score"},
    {"knowmem", "knowmem_ROUGE", "rougeL_f1"},
    {"verbmem", "verbmem_ROUGE", "rougeL_f1"},
}};

struct AttackName {
    std::string_view metric; ///< of the scores
    std::string_view area;
    std::string_view entry;
};
constexpr std::array<AttackName, 6> kAttacks = {{
    {"loss", "mia-loss", "mia_loss"},
    {"zlib", "mia-zlib", "mia_zlib"},
    {"min-k", "mia-min-k", "mia_min_k"},
    {"min-k-plus-plus", "mia-min-k-plus-plus", "mia_min_k_plus_plus"},
    {"reference-loss", "mia-reference", "mia_reference"},
    {"gradnorm", "mia-gradnorm", "mia_gradnorm"},
}};

/// Entries whose name does not follow from set and metric.
struct Irregular {
    std::string_view set;
    std::string_view metric;
    std::string_view entry;
};
constexpr std::array<Irregular, 6> kIrregular = {{
    {"forget", "truth-ratio", "forget_truth_ratio"},
    {"forget", "extraction-strength", "extraction_strength"},
    {"forget", "exact-memorization", "exact_memorization"},
    {"", "forget-quality", "forget_quality"},
    {"", "model-utility", "model_utility"},
    {"", "privleak", "privleak"},
}};

bool sameIgnoringCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

/// "Q_A_PARA_ROUGE" -> "para-rouge"
std::string kebab(std::string_view name)
{
    if (name.starts_with("Q_A_"))
        name.remove_prefix(4);
    std::string id;
    for (const char c : name)
        id += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return id;
}

} // namespace

LogPlace logPlaceOf(const Evaluation& evaluation)
{
    const bool grouped = evaluation.set == "forget" || evaluation.set == "holdout";
    for (const AttackName& attack : kAttacks) {
        if (grouped && evaluation.metric == attack.metric)
            return {.entry = std::string(attack.entry), .part = evaluation.set};
        if (evaluation.set == "forget" && evaluation.metric == attack.area)
            return {.entry = std::string(attack.entry), .part = "auc"};
    }
    for (const Irregular& name : kIrregular)
        if (evaluation.set == name.set && evaluation.metric == name.metric)
            return {.entry = std::string(name.entry)};
    std::string prefix = evaluation.set;
    for (const SetName& set : kSets)
        if (set.set == evaluation.set)
            prefix = set.prefix;
    if (!prefix.empty())
        prefix += '_';
    for (const MetricName& name : kMetrics)
        if (name.metric == evaluation.metric && !evaluation.set.empty())
            return {.entry = prefix + std::string(name.suffix),
                    .key = std::string(name.key),
                    .leads = name.leads};
    return {.entry = prefix + replaceAll(evaluation.metric, "-", "_")};
}

std::vector<EntryMetric> metricsOfEntry(std::string_view entry)
{
    for (const AttackName& attack : kAttacks)
        if (entry == attack.entry)
            return {{"forget", std::string(attack.metric), "score", "forget"},
                    {"holdout", std::string(attack.metric), "score", "holdout"},
                    {"forget", std::string(attack.area), "", "auc"}};
    for (const Irregular& name : kIrregular)
        if (sameIgnoringCase(entry, name.entry))
            return {{std::string(name.set), std::string(name.metric), "score"}};
    std::string set;
    std::string_view rest = entry;
    for (const SetName& name : kSets)
        if (entry.starts_with(name.prefix) && entry.substr(name.prefix.size()).starts_with('_')) {
            set = name.set;
            rest.remove_prefix(name.prefix.size() + 1);
        }
    std::vector<EntryMetric> found;
    for (const MetricName& name : kMetrics)
        if (!set.empty() && sameIgnoringCase(rest, name.suffix))
            found.push_back({set, std::string(name.metric), std::string(name.key)});
    if (found.empty())
        found.push_back({set, kebab(rest), ""});
    return found;
}

} // namespace lacuna
