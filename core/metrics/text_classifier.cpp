#include "core/metrics/text_classifier.h"

#include "core/base/rng.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace lacuna {
namespace {

constexpr std::uint32_t kColumns = std::uint32_t{1} << 18U;
constexpr const char* kFormat = "lacuna-text-classifier";
constexpr std::int64_t kVersion = 1;
constexpr double kTolerance = 1e-7; // of the gradient: far below what moves a judgement

/// Runs of letters and digits in lower case; characters outside ASCII are letters.
std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
    };
    for (const char c : text) {
        if (c >= 'A' && c <= 'Z')
            word += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                 static_cast<unsigned char>(c) >= 0x80)
            word += c;
        else
            finish();
    }
    finish();
    return words;
}

/// FNV-1a, which is the same everywhere, unlike std::hash.
std::uint32_t columnOf(std::string_view gram)
{
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : gram) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return static_cast<std::uint32_t>((hash >> 32U) ^ hash) % kColumns;
}

FeatureRow featuresOf(std::string_view text)
{
    const std::vector<std::string> words = wordsOf(text);
    std::map<std::uint32_t, int> counts;
    for (std::size_t i = 0; i < words.size(); ++i) {
        ++counts[columnOf(words[i])];
        if (i > 0)
            ++counts[columnOf(words[i - 1] + ' ' + words[i])];
    }
    FeatureRow row;
    double squares = 0;
    for (const auto& [column, count] : counts) {
        row.columns.push_back(column);
        row.values.push_back(1 + std::log(count));
        squares += row.values.back() * row.values.back();
    }
    for (double& value : row.values)
        value /= std::sqrt(squares);
    return row;
}

/// fitLogistic() on the columns that occur, which are few where texts are: the others have weight 0
/// at the minimum.
LogisticFit fitUsedColumns(std::vector<FeatureRow> rows, const std::vector<bool>& labels, double l2)
{
    std::vector<std::uint32_t> used; // in the order in which they come up
    std::unordered_map<std::uint32_t, std::uint32_t> places;
    for (FeatureRow& row : rows)
        for (std::uint32_t& column : row.columns) {
            const auto next = static_cast<std::uint32_t>(used.size());
            const auto [place, isNew] = places.try_emplace(column, next);
            if (isNew)
                used.push_back(column);
            column = place->second;
        }
    const LogisticFit fit = fitLogistic(rows, labels, used.size(), l2, kTolerance);
    LogisticFit whole{.weights = std::vector<double>(kColumns), .bias = fit.bias};
    for (std::size_t i = 0; i < used.size(); ++i)
        whole.weights[used[i]] = fit.weights[i];
    return whole;
}

/// The texts that are held out and the others, whole groups together.
struct Split {
    std::vector<LabelledText> training;
    std::vector<LabelledText> test;
};

Split splitOf(const LabelledTexts& texts, const TrainingOptions& options)
{
    std::vector<std::string_view> groups;
    std::set<std::string_view> seen;
    for (const LabelledText& item : texts.items)
        if (seen.insert(item.group).second)
            groups.push_back(item.group);
    Random random(derivedSeed(options.seed, "held-out texts"));
    random.shuffle(groups);
    groups.resize(static_cast<std::size_t>(
        std::llround(options.testShare * static_cast<double>(groups.size()))));
    const std::set<std::string_view> heldOut(groups.begin(), groups.end());
    Split split;
    for (const LabelledText& item : texts.items)
        (heldOut.contains(item.group) ? split.test : split.training).push_back(item);
    return split;
}

bool hasBothKinds(const std::vector<LabelledText>& texts)
{
    const auto positive = std::ranges::count(texts, true, &LabelledText::positive);
    return positive > 0 && positive < std::ssize(texts);
}

OrderedJson orNull(std::optional<double> value)
{
    return value ? OrderedJson(*value) : OrderedJson();
}

Error notOurs(const std::filesystem::path& path)
{
    return {.code = ErrorCode::Corrupt,
            .message = "the file is not a saved text classifier, or is damaged",
            .context = path.string(),
            .remedy = "train one anew from labelled texts and save it"};
}

std::optional<double> optionalNumber(const Json& value)
{
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

} // namespace

ClassifierScores scoresOf(const TextJudge& judge, std::span<const LabelledText> texts)
{
    ClassifierScores scores{.texts = static_cast<std::int64_t>(texts.size())};
    double right = 0;
    double judged = 0;
    double both = 0;
    for (const LabelledText& item : texts) {
        const bool positive = judge(item.text);
        scores.positives += item.positive ? 1 : 0;
        right += positive == item.positive ? 1 : 0;
        judged += positive ? 1 : 0;
        both += positive && item.positive ? 1 : 0;
    }
    if (scores.texts > 0)
        scores.accuracy = right / static_cast<double>(scores.texts);
    if (judged > 0)
        scores.precision = both / judged;
    if (scores.positives > 0)
        scores.recall = both / static_cast<double>(scores.positives);
    return scores;
}

Result<TextClassifier> TextClassifier::train(const LabelledTexts& texts,
                                             const TrainingOptions& options)
{
    const Split split = splitOf(texts, options);
    if (!hasBothKinds(split.training) || !hasBothKinds(split.test))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "there are too few labelled texts to train on some and hold out "
                                "others of both kinds",
                     .context = std::to_string(texts.items.size()) + " different texts",
                     .remedy = "give some hundreds, or at least a few dozen, of either kind"};
    std::vector<FeatureRow> rows;
    std::vector<bool> labels;
    for (const LabelledText& item : split.training) {
        rows.push_back(featuresOf(item.text));
        labels.push_back(item.positive);
    }
    TextClassifier classifier;
    classifier.m_options = options;
    if (options.l2 <= 0)
        classifier.m_options.l2 = 1 / static_cast<double>(rows.size());
    classifier.m_dataHash = texts.sha256;
    classifier.m_trainingTexts = static_cast<std::int64_t>(rows.size());
    classifier.m_fit = fitUsedColumns(std::move(rows), labels, classifier.m_options.l2);
    classifier.m_scores =
        scoresOf([&](std::string_view text) { return classifier.isPositive(text); }, split.test);
    return classifier;
}

double TextClassifier::probability(std::string_view text) const
{
    return m_fit.probability(featuresOf(text));
}

OrderedJson TextClassifier::toJson() const
{
    OrderedJson weights = OrderedJson::array();
    for (std::size_t column = 0; column < m_fit.weights.size(); ++column)
        if (m_fit.weights[column] != 0)
            weights.push_back({column, m_fit.weights[column]});
    return {{"format", kFormat},
            {"version", kVersion},
            {"features",
             {{"grams", {1, 2}}, {"columns", kColumns}, {"value", "1 + ln count, length 1"}}},
            {"l2", m_options.l2},
            {"seed", m_options.seed},
            {"test_share", m_options.testShare},
            {"data_sha256", m_dataHash},
            {"training_texts", m_trainingTexts},
            {"test",
             {{"texts", m_scores.texts},
              {"positives", m_scores.positives},
              {"accuracy", m_scores.accuracy},
              {"precision", orNull(m_scores.precision)},
              {"recall", orNull(m_scores.recall)}}},
            {"bias", m_fit.bias},
            {"weights", std::move(weights)}};
}

Status TextClassifier::save(const std::filesystem::path& path) const
{
    return writeFileAtomically(path, toJson().dump() + "\n");
}

Result<TextClassifier> TextClassifier::load(const std::filesystem::path& path)
{
    const Result<Json> json = readJsonFile(path);
    if (!json)
        return json.error();
    if (!json->is_object() || json->value("format", Json()) != Json(kFormat))
        return notOurs(path);
    if (json->value("version", Json()) != Json(kVersion))
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the classifier was saved by another version of this program",
                     .context = path.string(),
                     .remedy = "train it anew from its labelled texts"};
    TextClassifier classifier;
    try {
        if (json->at("features").at("columns").get<std::uint32_t>() != kColumns)
            return notOurs(path);
        classifier.m_options = {.testShare = json->at("test_share").get<double>(),
                                .seed = json->at("seed").get<std::uint64_t>(),
                                .l2 = json->at("l2").get<double>()};
        classifier.m_dataHash = json->at("data_sha256").get<std::string>();
        classifier.m_trainingTexts = json->at("training_texts").get<std::int64_t>();
        const Json& test = json->at("test");
        classifier.m_scores = {.texts = test.at("texts").get<std::int64_t>(),
                               .positives = test.at("positives").get<std::int64_t>(),
                               .accuracy = test.at("accuracy").get<double>(),
                               .precision = optionalNumber(test.at("precision")),
                               .recall = optionalNumber(test.at("recall"))};
        classifier.m_fit.bias = json->at("bias").get<double>();
        classifier.m_fit.weights.assign(kColumns, 0);
        for (const Json& weight : json->at("weights"))
            classifier.m_fit.weights.at(weight.at(0).get<std::size_t>()) =
                weight.at(1).get<double>();
    } catch (const std::exception&) { // of the JSON library and of at(): a value is not there
        return notOurs(path);
    }
    return classifier;
}

Result<KeywordClassifier> KeywordClassifier::load(const std::filesystem::path& path)
{
    const Result<std::string> text = readTextFile(path);
    if (!text)
        return text.error();
    KeywordClassifier classifier;
    for (const std::string& line : split(*text, '\n')) {
        const std::vector<std::string> words = wordsOf(line);
        if (!words.empty() && !trimmed(line).starts_with('#'))
            classifier.m_phrases.push_back(' ' + join(words, " ") + ' ');
    }
    if (classifier.m_phrases.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the list of keywords has no word in it",
                     .context = path.string(),
                     .remedy = "write a word or phrase a line"};
    return classifier;
}

bool KeywordClassifier::isPositive(std::string_view text) const
{
    const std::string words = ' ' + join(wordsOf(text), " ") + ' ';
    return std::ranges::any_of(m_phrases, [&](const std::string& phrase) {
        return words.find(phrase) != std::string::npos;
    });
}

} // namespace lacuna
