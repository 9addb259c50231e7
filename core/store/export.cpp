#include "core/store/export.h"

#include "core/base/text.h"
#include "core/store/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace lacuna {
namespace {

OrderedJson finiteOrNull(double value)
{
    return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

/// Texts come from models and files: what is not UTF-8 would make the document unwritable.
OrderedJson asText(const std::string& text)
{
    return validUtf8(text);
}

OrderedJson textOrNull(const std::string& text)
{
    return text.empty() ? OrderedJson(nullptr) : asText(text);
}

/// The document that \p text holds; null for none. SQLite accepted it as JSON, so that what our
/// parser refuses (a lone half of a surrogate pair) is handed on as text.
OrderedJson document(const std::string& text)
{
    if (text.empty())
        return nullptr;
    OrderedJson value = OrderedJson::parse(text, nullptr, false);
    return value.is_discarded() ? asText(text) : value;
}

template <class T> OrderedJson orNull(const std::optional<T>& value)
{
    return value ? OrderedJson(*value) : OrderedJson(nullptr);
}

OrderedJson hashedPath(const HashedPath& file)
{
    return {{"path", asText(file.path)}, {"sha256", file.sha256}};
}

OrderedJson describe(const Run& run)
{
    OrderedJson tags = OrderedJson::array();
    for (const std::string& tag : run.tags)
        tags.push_back(asText(tag));
    return {{"uid", run.uid},
            {"name", asText(run.name)},
            {"folder", asText(run.folder)},
            {"state", idOf(run.state)},
            {"method", run.method},
            {"model", hashedPath(run.model)},
            {"forget", hashedPath(run.forget)},
            {"retain", hashedPath(run.retain)},
            {"holdout", hashedPath(run.holdout)},
            {"seed", run.seed},
            {"device", run.device},
            {"threads", run.threads},
            {"precision", run.precision},
            {"program_version", run.programVersion},
            {"group", asText(run.group)},
            {"note", asText(run.note)},
            {"tags", std::move(tags)},
            {"created_at", run.createdAt},
            {"started_at", textOrNull(run.startedAt)},
            {"ended_at", textOrNull(run.endedAt)},
            {"step", run.step},
            {"total_steps", run.totalSteps},
            {"stop_reason", asText(run.stopReason)},
            {"error", asText(run.error)},
            {"summary", document(run.summary)},
            {"machine", document(run.machine)},
            {"recipe", document(run.recipe)}};
}

OrderedJson describe(const SeriesByKey& series)
{
    OrderedJson all = OrderedJson::object();
    for (const auto& [key, one] : series) {
        OrderedJson values = OrderedJson::array();
        for (const double value : one.values)
            values.push_back(finiteOrNull(value));
        all[validUtf8(key)] = {{"steps", one.steps}, {"values", std::move(values)}};
    }
    return all;
}

OrderedJson describe(const Evaluation& evaluation)
{
    OrderedJson samples = OrderedJson::array();
    for (const SampleValue& sample : evaluation.samples)
        samples.push_back({{"index", sample.sample},
                           {"value", finiteOrNull(sample.value)},
                           {"extra", document(sample.extra)}});
    return {{"step", evaluation.step},       {"phase", idOf(evaluation.phase)},
            {"set", asText(evaluation.set)}, {"metric", evaluation.metric},
            {"variant", evaluation.variant}, {"value", finiteOrNull(evaluation.value)},
            {"count", evaluation.count},     {"samples", std::move(samples)}};
}

OrderedJson describe(const Answer& answer)
{
    return {{"step", answer.step},
            {"prompt", asText(answer.prompt)},
            {"role", idOf(answer.role)},
            {"text", asText(answer.text)},
            {"tokens", document(answer.tokens)}};
}

OrderedJson describe(const Interruption& interruption)
{
    return {{"time", interruption.time},
            {"step", interruption.step},
            {"kind", idOf(interruption.kind)},
            {"note", asText(interruption.note)}};
}

OrderedJson describe(const Artefact& artefact)
{
    return {{"kind", artefact.kind},
            {"path", asText(artefact.path)},
            {"step", orNull(artefact.step)},
            {"bytes", artefact.bytes},
            {"sha256", artefact.sha256}};
}

/// Adds \p rows to \p all under \p key, unless reading them failed.
template <class Row>
Status addRows(OrderedJson& all, const char* key, const Result<std::vector<Row>>& rows)
{
    if (!rows)
        return rows.error();
    OrderedJson list = OrderedJson::array();
    for (const Row& row : *rows)
        list.push_back(describe(row));
    all[key] = std::move(list);
    return {};
}

std::string csvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace

Result<OrderedJson> runToJson(const Store& store, RunId id)
{
    const Result<Run> run = store.run(id);
    if (!run)
        return run.error();
    const Result<SeriesByKey> series = store.readSeries(id);
    if (!series)
        return series.error();

    OrderedJson all = {{"lacuna_run", 1}, {"run", describe(*run)}, {"series", describe(*series)}};
    all["run"]["parent"] = nullptr;
    if (run->parent) {
        const Result<Run> parent = store.run(*run->parent);
        if (!parent)
            return parent.error();
        all["run"]["parent"] = parent->uid; // row ids mean nothing outside the file
    }
    if (const Status status = addRows(all, "evaluations", store.readEvaluations(id, true)); !status)
        return status.error();
    if (const Status status = addRows(all, "answers", store.readAnswers(id)); !status)
        return status.error();
    if (const Status status = addRows(all, "interruptions", store.readInterruptions(id)); !status)
        return status.error();
    if (const Status status = addRows(all, "artefacts", store.readArtefacts(id)); !status)
        return status.error();
    return all;
}

Result<std::string> seriesToCsv(const Store& store, RunId id)
{
    if (const Result<Run> run = store.run(id); !run)
        return run.error();
    const Result<SeriesByKey> series = store.readSeries(id);
    if (!series)
        return series.error();

    std::string table = "step";
    std::set<std::int64_t> steps;
    for (const auto& [key, one] : *series) {
        table += ',' + csvField(key);
        steps.insert(one.steps.begin(), one.steps.end());
    }
    table += '\n';
    std::map<std::string, std::size_t> next; // of each key, the first point not written yet
    for (const std::int64_t step : steps) {
        table += std::to_string(step);
        for (const auto& [key, one] : *series) {
            table += ',';
            std::size_t& at = next[key];
            if (at == one.steps.size() || one.steps[at] != step)
                continue;
            const double value = one.values[at++];
            table += std::isfinite(value) ? fmt::format("{}", value) : "nan";
        }
        table += '\n';
    }
    return table;
}

std::string csvLine(std::span<const std::string> fields)
{
    std::string line;
    for (const std::string& field : fields)
        line += (&field == fields.data() ? "" : ",") + csvField(field);
    return line + '\n';
}

Result<std::vector<Evaluation>> evaluationsOfPhase(const Store& store, RunId id,
                                                   EvaluationPhase phase)
{
    if (const Result<Run> run = store.run(id); !run)
        return run.error();
    Result<std::vector<Evaluation>> evaluations = store.readEvaluations(id, true);
    if (!evaluations)
        return evaluations.error();
    std::erase_if(*evaluations, [phase](const Evaluation& e) { return e.phase != phase; });
    if (!evaluations->empty()) {
        const std::int64_t last = evaluations->back().step;
        std::erase_if(*evaluations, [last](const Evaluation& e) { return e.step != last; });
    }
    return evaluations;
}

} // namespace lacuna
