#include "core/attacks/catalog.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace lacuna {

AttackInfo relearning();
AttackInfo quantisation();
AttackInfo weightNoise();
AttackInfo adapterRemoval();
AttackInfo prefixExtraction();
AttackInfo answerPrefill();
AttackInfo samplingAttack();
AttackInfo paraphrase();
AttackInfo synonymManipulation();
AttackInfo crossLingual();
AttackInfo prefixInjection();
AttackInfo affirmativeSuffix();
AttackInfo rolePlaying();
AttackInfo backgroundHint();
AttackInfo inContextRecovery();
AttackInfo multipleChoice();
AttackInfo reverseQuery();

const Catalog<AttackInfo>& attacks()
{
    static const Catalog<AttackInfo> catalog(
        "attack",
        {relearning(), quantisation(), weightNoise(), adapterRemoval(), prefixExtraction(),
         answerPrefill(), samplingAttack(), paraphrase(), synonymManipulation(), crossLingual(),
         prefixInjection(), affirmativeSuffix(), rolePlaying(), backgroundHint(),
         inContextRecovery(), multipleChoice(), reverseQuery()});
    return catalog;
}

namespace {

/// A file that a person names must be there before a model is loaded.
Status checkFile(const AttackSpec& spec, const std::vector<ParamSpec>& params,
                 const std::string& place)
{
    if (std::ranges::none_of(params, [](const ParamSpec& one) { return one.name == "file"; }))
        return {};
    const std::string& file = spec.params.text("file");
    std::error_code ignored;
    if (file.empty() || std::filesystem::is_regular_file(file, ignored))
        return {};
    return Error{.code = ErrorCode::NotFound,
                 .message = "the attack " + spec.id + " names a file that is not there",
                 .context = place + ": " + file,
                 .remedy = "check the path; it counts from the folder you are in"};
}

} // namespace

Result<AttackSpec> readAttackSpec(const Json& object, const std::string& place)
{
    Result<AttackSpec> spec = readNamedParams(attacks(), object, "the attack", place);
    if (!spec)
        return spec;
    if (spec->id.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "an attack has no id",
                     .context = place,
                     .remedy = "name one of: " + join(attacks().ids(), ", ")};
    const AttackInfo& info = **attacks().find(spec->id);
    if (const Status status = checkFile(*spec, info.params, place); !status)
        return status.error();
    if (info.check)
        if (const Status status = info.check(spec->params); !status)
            return status.error().at(place);
    return spec;
}

Result<std::vector<AttackSpec>> parseAttackSpecs(const std::string& text, const std::string& place)
{
    Json list = Json::array();
    const std::string_view words = trimmed(text);
    if (words.starts_with('{') || words.starts_with('[')) {
        const Result<Json> given = parseJson(text, place);
        if (!given)
            return given.error();
        list = given->is_array() ? *given : Json::array({*given});
    } else {
        for (const std::string& id : split(text, ','))
            list.push_back({{"id", std::string(trimmed(id))}});
    }
    std::vector<AttackSpec> specs;
    for (const Json& one : list) {
        Result<AttackSpec> spec = readAttackSpec(one, place);
        if (!spec)
            return spec.error();
        specs.push_back(std::move(spec).value());
    }
    return specs;
}

std::vector<AttackSpec> usualAttacks()
{
    std::vector<AttackSpec> specs;
    for (const AttackInfo& info : attacks().entries())
        if (!info.needsFile)
            specs.push_back({.id = info.id, .params = ParamSet(info.params)});
    return specs;
}

Result<std::vector<std::int64_t>> readCounts(const std::string& text, const std::string& place)
{
    std::vector<std::int64_t> counts;
    for (const std::string& part : split(text, ',')) {
        const std::string_view word = trimmed(part);
        std::int64_t count = 0;
        const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), count);
        if (failure != std::errc() || end != word.data() + word.size() || count < 1)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "\"" + std::string(word) + "\" is no whole number from 1 on",
                         .context = place,
                         .remedy = "write numbers with commas between them, such as 5,10,25"};
        counts.push_back(count);
    }
    std::ranges::sort(counts);
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    return counts;
}

} // namespace lacuna
