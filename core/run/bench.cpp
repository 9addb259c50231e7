#include "core/run/bench.h"

#include "core/base/machine_memory.h"
#include "core/methods/method.h"
#include "core/methods/scored_batch.h"
#include "core/methods/term.h"
#include "core/metrics/scanner.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/probe/generation.h"
#include "core/run/bench_workload.h"
#include "core/run/optimizer.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>

namespace lacuna {
namespace {

using namespace workload;

constexpr const char* kFinetuning = "finetune";

struct Timing {
    double best = 0; ///< seconds
    double median = 0;
};

Timing summary(std::vector<double> seconds)
{
    std::sort(seconds.begin(), seconds.end());
    return {seconds.front(), seconds[seconds.size() / 2]};
}

double secondsOf(const std::function<void()>& body)
{
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Timing timed(std::int64_t repetitions, const std::function<void()>& body)
{
    body(); // warms up caches, allocator and oneDNN's kernels
    std::vector<double> seconds;
    for (std::int64_t i = 0; i < repetitions; ++i)
        seconds.push_back(secondsOf(body));
    return summary(std::move(seconds));
}

/// Starts a new peak of resident memory. Where the kernel refuses, the peak is the process's.
void resetPeakMemory()
{
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << 5;
}

/// A corpus, its term of the objective, and what a step reads of it.
struct Addend {
    std::vector<ScoredSample> samples;
    AlternateAnswers alternates;
    std::unique_ptr<Term> term;
    TermInput input;
    std::vector<std::int64_t> items = {};

    Addend(const DecoderConfig& config, const char* corpus, std::unique_ptr<Term> objective)
        : samples(randomSamples(config.vocabulary, corpus)), term(std::move(objective)),
          input(term->input(config))
    {
        for (std::size_t i = 0; i < samples.size(); ++i)
            items.push_back(static_cast<std::int64_t>(i));
        // Other answers as long as the own ones, to the same prompts.
        alternates.perSample = input.alternates;
        for (const ScoredSample& sample : samples)
            for (std::int64_t k = 0; k < input.alternates; ++k) {
                alternates.samples.push_back(sample);
                alternates.samples.back().index =
                    static_cast<std::int64_t>(alternates.samples.size()) - 1;
            }
    }
    [[nodiscard]] TermCorpus corpus() const { return {samples, &alternates}; }
    [[nodiscard]] std::vector<const ScoredSample*> sequences() const
    {
        return sequencesOf(input, corpus(), items, 0);
    }
    void prepare(Decoder& decoder) const
    {
        const PrepareContext context{.decoder = decoder,
                                     .corpus = corpus(),
                                     .tokenBudget = kSequences * kLongest,
                                     .proceed = [](double) { return true; }};
        term->prepare(context);
        term->prepareReinforced(context); // as far as a step's cost goes, trained further or not
    }
    void step(Decoder& decoder) const
    {
        ScoredBatch batch(decoder, sequences(), input.block);
        term->contribution(batch, normaliserOf(input, corpus(), items, 0)).backward();
    }
};

/// The forget and the retain term of a method with its defaults; where a retain term is optional,
/// likelihood.
std::vector<Addend> objectiveOf(const MethodInfo& method, const DecoderConfig& config)
{
    std::vector<Addend> objective;
    objective.emplace_back(config, "forget", method.make(ParamSet(method.params)));
    if (method.retain == RetainUse::Never)
        return objective;
    const std::string id = method.defaultRetain.empty() ? "nll" : method.defaultRetain;
    const RetainTermInfo& term = **retainTerms().find(id);
    objective.emplace_back(config, "retain", term.make(ParamSet(term.params)));
    return objective;
}

class Bench {
public:
    Bench(const BenchOptions& options, const std::function<void(const BenchResult&)>& sink)
        : m_options(options), m_sink(sink)
    {
    }

    void products(at::ScalarType type);
    void memory();
    void training(Decoder& decoder, const std::string& shape, const std::string& method);
    void prompt(Decoder& decoder, const std::string& shape);
    void scoring(Decoder& decoder, const std::string& shape);
    void decoding(Decoder& decoder, const std::string& shape, std::int64_t sequences);
    /// A forward pass over \p tokens that took \p forward operations.
    void tellPass(const char* measure, const Decoder& decoder, const std::string& shape,
                  double tokens, double forward, const Timing& time);

private:
    double product(const std::string& measure, at::ScalarType type, std::int64_t rows,
                   std::int64_t inner, std::int64_t columns);

    const BenchOptions& m_options;
    const std::function<void(const BenchResult&)>& m_sink;
    std::map<at::ScalarType, double> m_productCeiling; ///< FLOP/s
    double m_memoryCeiling = 0;                        ///< bytes a second
    double m_finetuningSeconds = 0;                    ///< of one step; 0: not measured
};

double Bench::product(const std::string& measure, at::ScalarType type, std::int64_t rows,
                      std::int64_t inner, std::int64_t columns)
{
    const at::Tensor x = at::randn({rows, inner}).to(type);
    const at::Tensor weight = at::randn({columns, inner}).to(type);
    const Timing time = timed(m_options.repetitions, [&] { (void)at::mm(x, weight.t()); });
    const double work = 2.0 * static_cast<double>(rows) * static_cast<double>(inner * columns);
    m_sink({.measure = measure,
            .shape = fmt::format("{} x {} x {}", rows, inner, columns),
            .precision = precisionName(type),
            .rate = work / time.best / 1e9,
            .medianRate = work / time.median / 1e9,
            .unit = "GFLOP/s"});
    return work / time.best;
}

void Bench::products(at::ScalarType type)
{
    m_productCeiling[type] = product("product", type, 2048, 2048, 2048);
    product("product", type, 1024, 288, 768);
    product("product", type, 1024, 768, 2048);
    product("head product", type, 256, 768, 32000);
}

void Bench::memory()
{
    const at::Tensor bytes = at::ones({std::int64_t{64} << 20}, at::kFloat);
    const Timing time = timed(m_options.repetitions, [&] { (void)bytes.sum(); });
    const auto size = static_cast<double>(bytes.nbytes());
    m_memoryCeiling = size / time.best;
    m_sink({.measure = "memory",
            .shape = "reading 256 MiB",
            .rate = size / time.best / 1e9,
            .medianRate = size / time.median / 1e9,
            .unit = "GB/s"});
}

void Bench::training(Decoder& decoder, const std::string& shape, const std::string& method)
{
    resetPeakMemory();
    const std::vector<Addend> objective = objectiveOf(**methods().find(method), decoder.config());
    decoder.trainAll();
    Optimizer optimizer(decoder.parameters(), {.weightDecay = 0.01});
    for (const Addend& addend : objective)
        addend.prepare(decoder);
    const Timing time = timed(m_options.repetitions, [&] {
        decoder.clearGradients();
        for (const Addend& addend : objective)
            addend.step(decoder);
        const double norm = gradientNorm(decoder.parameters());
        if (norm > 1.0)
            scaleGradients(decoder.parameters(), 1.0 / norm);
        optimizer.step(1e-5);
        decoder.refresh();
    });

    const Work work(decoder);
    double tokens = 0;
    double forward = 0;
    double padded = 0;
    bool whole = true; // the work is known of passes through all of the model
    for (const Addend& addend : objective) {
        whole = whole && !addend.input.block;
        for (const ScoredSample* sample : addend.sequences()) {
            tokens += static_cast<double>(sample->ids.size());
            padded += static_cast<double>(kLongest);
            forward +=
                work.forward(static_cast<std::int64_t>(sample->ids.size()), sample->scoredCount());
        }
    }
    if (method == kFinetuning)
        m_finetuningSeconds = time.best;
    BenchResult result{.measure = method,
                       .shape = shape,
                       .precision = precisionName(decoder.computeType()),
                       .rate = tokens / time.best,
                       .medianRate = tokens / time.median,
                       .unit = "tokens/s",
                       .paddedRate = padded / time.best,
                       .peakBytes = peakMemoryBytes()};
    if (whole)
        result.ceilingShare = 3.0 * forward / time.best / m_productCeiling[decoder.computeType()];
    if (m_finetuningSeconds > 0)
        result.finetuningSteps = time.best / m_finetuningSeconds;
    m_sink(result);
    decoder.setTrained({});
}

void Bench::prompt(Decoder& decoder, const std::string& shape)
{
    const auto prompts = std::vector<std::vector<std::int64_t>>{
        randomIds(kPromptTokens, decoder.config().vocabulary, "prompt")};
    const Timing time = timed(m_options.repetitions,
                              [&] { (void)generate(decoder, prompts, {.maxNewTokens = 1}); });
    const double forward = Work(decoder).forward(kPromptTokens, 1);
    tellPass("prompt", decoder, shape, static_cast<double>(kPromptTokens), forward, time);
}

void Bench::scoring(Decoder& decoder, const std::string& shape)
{
    const std::vector<ScoredSample> samples = randomSamples(decoder.config().vocabulary, "forget");
    std::vector<const ScoredSample*> scored;
    const Work work(decoder);
    double tokens = 0;
    double forward = 0;
    for (const ScoredSample& sample : samples) {
        scored.push_back(&sample);
        tokens += static_cast<double>(sample.ids.size());
        forward += work.forward(static_cast<std::int64_t>(sample.ids.size()), sample.scoredCount());
    }
    const Timing time =
        timed(m_options.repetitions, [&] { (void)scanSamples(decoder, scored, {}); });
    tellPass("scoring", decoder, shape, tokens, forward, time);
}

void Bench::tellPass(const char* measure, const Decoder& decoder, const std::string& shape,
                     double tokens, double forward, const Timing& time)
{
    m_sink({.measure = measure,
            .shape = shape,
            .precision = precisionName(decoder.computeType()),
            .rate = tokens / time.best,
            .medianRate = tokens / time.median,
            .unit = "tokens/s",
            .ceilingShare = forward / time.best / m_productCeiling[decoder.computeType()]});
}

void Bench::decoding(Decoder& decoder, const std::string& shape, std::int64_t sequences)
{
    std::vector<std::vector<std::int64_t>> prompts;
    for (std::int64_t i = 0; i < sequences; ++i)
        prompts.push_back(randomIds(kDecodePromptTokens, decoder.config().vocabulary,
                                    "decode" + std::to_string(i)));
    // The first token of each sequence belongs to the prompt's pass.
    std::vector<double> seconds;
    for (std::int64_t i = 0; i <= m_options.repetitions; ++i) {
        std::int64_t tokens = 0;
        auto start = std::chrono::steady_clock::now();
        (void)generate(decoder, prompts, {.maxNewTokens = m_options.newTokens + 1},
                       [&](std::size_t, const GeneratedToken&) {
                           if (++tokens == sequences)
                               start = std::chrono::steady_clock::now();
                           return true;
                       });
        if (i > 0)
            seconds.push_back(
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    const Timing time = summary(std::move(seconds));
    const auto steps = static_cast<double>(m_options.newTokens);
    const double tokens = steps * static_cast<double>(sequences);
    m_sink({.measure = fmt::format("decode x{}", sequences),
            .shape = shape,
            .precision = precisionName(decoder.computeType()),
            .rate = tokens / time.best,
            .medianRate = tokens / time.median,
            .unit = "tokens/s",
            .ceilingShare = Work(decoder).weightBytes * steps / time.best / m_memoryCeiling});
}

Result<std::unique_ptr<Decoder>> makeDecoder(const BenchOptions& options, const std::string& shape,
                                             at::ScalarType type)
{
    if (!options.model.empty())
        return loadDecoder(options.model, at::kCPU, type);
    const auto* found = std::find_if(std::begin(kShapes), std::end(kShapes),
                                     [&](const Shape& s) { return s.name == shape; });
    if (found == std::end(kShapes))
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no shape \"" + shape + "\"",
                     .context = "shapes",
                     .remedy = fmt::format("use {}", fmt::join(benchShapes(), ", "))};
    auto decoder = std::make_unique<Decoder>(found->config(), at::kCPU, type);
    decoder->initialise(kSeed);
    return decoder;
}

} // namespace

std::vector<std::string> benchShapes()
{
    std::vector<std::string> names;
    for (const Shape& shape : kShapes)
        names.emplace_back(shape.name);
    return names;
}

std::string benchWorkload()
{
    double tokens = 0;
    for (const char* corpus : {"forget", "retain"})
        for (const ScoredSample& sample : randomSamples(2, corpus))
            tokens += static_cast<double>(sample.ids.size());
    const auto padded = static_cast<double>(2 * kSequences * kLongest);
    return fmt::format("a step trains {0} forget and {0} retain sequences of {1} to {2} tokens, "
                       "{3:.0f} in all ({4:.0f} % of {5:.0f} padded), the last {6:.0f} % of each "
                       "scored; prompts have {7} tokens; decoding starts after {8}",
                       kSequences, kShortest, kLongest, tokens, 100 * tokens / padded, padded,
                       100 * kScoredShare, kPromptTokens, kDecodePromptTokens);
}

Status runBench(const BenchOptions& options, const std::function<void(const BenchResult&)>& sink)
{
    std::vector<at::ScalarType> types;
    for (const std::string& precision : options.precisions) {
        const auto type = resolvePrecision(precision, at::kCPU);
        if (!type)
            return type.error();
        types.push_back(*type);
    }
    Bench bench(options, sink);
    for (const at::ScalarType type : types)
        bench.products(type);
    bench.memory();
    const std::vector<std::string> shapes =
        options.model.empty() ? options.shapes
                              : std::vector<std::string>{options.model.filename().string()};
    for (const std::string& shape : shapes)
        for (const at::ScalarType type : types) {
            auto decoder = makeDecoder(options, shape, type);
            if (!decoder)
                return decoder.error();
            if (options.methods) {
                bench.training(**decoder, shape, kFinetuning);
                for (const std::string& method : methods().ids())
                    if (method != kFinetuning)
                        bench.training(**decoder, shape, method);
                continue;
            }
            for (const char* method : {"grad-diff", "npo"})
                bench.training(**decoder, shape, method);
            bench.prompt(**decoder, shape);
            bench.scoring(**decoder, shape);
            for (const std::int64_t sequences : {1, 4, 32}) // 32 in evaluations
                bench.decoding(**decoder, shape, sequences);
        }
    return {};
}

} // namespace lacuna
