#include "core/run/objective.h"

#include "core/corpora/packer.h"
#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"
#include "core/models/family.h"
#include "core/run/optimizer.h"
#include "core/run/scope.h"
#include "core/run/session.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace lacuna {
namespace {

std::unique_ptr<Term> forgetTerm(const MethodSpec& spec)
{
    return (**methods().find(spec.id)).make(spec.params);
}

std::unique_ptr<Term> retainTerm(const MethodSpec& spec)
{
    return (**retainTerms().find(spec.retainId)).make(spec.retainParams);
}

Status checkBlock(const TermInput& input, const DecoderConfig& config, const char* place)
{
    if (!input.block || *input.block < config.layers)
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "layer " + std::to_string(*input.block) +
                            " does not exist: the model has layers 0 to " +
                            std::to_string(config.layers - 1),
                 .context = place,
                 .remedy = "name one of them, or -1 for a quarter of the depth"};
}

/// Whether a gradient that comes down from behind \p block reaches the weight.
bool liesBelow(const std::string& name, std::int64_t block, const DecoderConfig& config)
{
    for (const std::string& part :
         {config.names.embedding, config.names.positions, config.names.projectIn})
        if (!part.empty() && name.starts_with(part))
            return true;
    for (std::int64_t layer = 0; layer <= block; ++layer)
        if (name.starts_with(config.inBlock(layer, "")))
            return true;
    return false;
}

} // namespace

Result<MethodReach> reachOf(const MethodSpec& method, const DecoderConfig& config)
{
    MethodReach reach{.forget = forgetTerm(method)->input(config)};
    if (const Status status = checkBlock(reach.forget, config, "recipe.method.layer"); !status)
        return status.error();
    reach.block = reach.forget.block;
    if (method.retainId.empty())
        return reach;
    const TermInput retain = retainTerm(method)->input(config);
    if (const Status status = checkBlock(retain, config, "recipe.method.retain.layer"); !status)
        return status.error();
    reach.block = reach.block && retain.block ? std::optional(std::max(*reach.block, *retain.block))
                                              : std::nullopt;
    return reach;
}

Result<std::vector<WeightSlot>> trainedSlots(const ScopeSpec& scope, const MethodReach& reach,
                                             const DecoderConfig& config)
{
    Result<std::vector<WeightSlot>> slots =
        scopedSlots(scope, config, scope.adapter ? adaptableSlots(config) : weightSlots(config));
    if (!slots || !reach.block)
        return slots;
    std::erase_if(*slots, [&](const WeightSlot& slot) {
        return !liesBelow(slot.name, *reach.block, config);
    });
    if (slots->empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the method reads what leaves layer " +
                                std::to_string(*reach.block) +
                                ", and the scope trains nothing up to there",
                     .context = "recipe.scope",
                     .remedy = "train layers up to that one, or name a later layer in the method"};
    return slots;
}

std::int64_t reachedParameters(const MethodReach& reach, const DecoderConfig& config)
{
    if (!reach.block)
        return config.parameterCount();
    std::int64_t count = 0;
    for (const WeightSlot& slot : weightSlots(config))
        if (liesBelow(slot.name, *reach.block, config))
            count += std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                                     std::multiplies<>());
    return count;
}

Objective::Objective(Session& session)
    : m_decoder(*session.decoder), m_training(session.recipe.training),
      m_normalised((**methods().find(session.method.id)).normalisesGradients),
      m_joined((**methods().find(session.method.id)).joinsMeans &&
               session.method.params.flag("joint_mean")),
      m_cosine(session.recipe.evaluation.gradientCosine || m_normalised),
      m_forget{forgetTerm(session.method),
               session.method.forgetWeight,
               {session.forget.tokens.samples, session.alternates ? &*session.alternates : nullptr}}
{
    const DecoderConfig& config = m_decoder.config();
    m_forget.input = m_forget.term->input(config);
    if (session.method.retainId.empty())
        return;
    m_retain.emplace(WeightedTerm{
        retainTerm(session.method), session.method.retainWeight, {session.retain->tokens.samples}});
    m_retain->input = m_retain->term->input(config);
}

bool Objective::prepare(const std::function<bool(double)>& proceed)
{
    const auto prepare = [&](WeightedTerm& term) {
        return term.term->prepare(contextOf(term, proceed));
    };
    return prepare(m_forget) && (!m_retain || prepare(*m_retain));
}

bool Objective::prepareReinforced(const std::function<bool(double)>& proceed)
{
    return m_forget.term->prepareReinforced(contextOf(m_forget, proceed));
}

PrepareContext Objective::contextOf(const WeightedTerm& term,
                                    const std::function<bool(double)>& proceed) const
{
    return {m_decoder, term.corpus, m_training.microBatchTokens, proceed};
}

std::optional<double> Objective::forgetGradient(const std::function<bool(double)>& proceed,
                                                const std::vector<std::int64_t>& items)
{
    return likelihoodGradient(m_decoder, m_training, m_forget.corpus.samples, proceed, items);
}

std::optional<double> Objective::likelihoodGradient(Decoder& decoder, const TrainingSpec& training,
                                                    const std::vector<ScoredSample>& samples,
                                                    const std::function<bool(double)>& proceed,
                                                    std::vector<std::int64_t> items)
{
    if (items.empty()) {
        items.resize(samples.size());
        std::iota(items.begin(), items.end(), std::int64_t{0});
    }
    const std::optional<Share> share =
        accumulate({std::make_unique<LikelihoodTerm>(+1.0), 1, {samples}}, items, 0,
                   {decoder, training, proceed});
    return share ? std::optional(share->loss) : std::nullopt;
}

double Objective::retainLoss(const StepBatch& batch)
{
    const at::NoGradGuard noGrad;
    const std::function<bool(double)> proceed = [](double) { return true; };
    return accumulate(m_retain.value(), batch.retain, batch.epoch, {m_decoder, m_training, proceed})
        ->loss;
}

double Objective::tokensOf(const WeightedTerm& term, const std::vector<std::int64_t>& items,
                           std::int64_t epoch)
{
    return normaliserOf(term.input, term.corpus, items, epoch).tokens;
}

void Objective::setRetainWeight(double weight)
{
    if (m_retain)
        m_retain->weight = weight;
}

std::optional<Objective::Sums> Objective::accumulate(const StepBatch& batch,
                                                     const std::function<bool()>& serve)
{
    const std::function<bool(double)> proceed = [&](double) { return serve(); };
    const bool joined = m_joined && m_retain;
    Pass pass{m_decoder, m_training, proceed};
    if (joined)
        pass.joined = tokensOf(*m_retain, batch.retain, batch.epoch);
    const std::optional<Share> forget = accumulate(m_forget, batch.forget, batch.epoch, pass);
    if (!forget)
        return std::nullopt;
    Sums sums{.forget = *forget, .loss = m_forget.weight * forget->loss};
    sums.meanTokenWeight = m_forget.term->takeMeanWeight();
    if (!m_retain)
        return sums;
    std::vector<at::Tensor> forgetGradient;
    if (m_cosine)
        forgetGradient = gradientCopies(m_decoder.parameters());
    if (m_normalised)
        m_decoder.clearGradients();
    if (joined)
        pass.joined = tokensOf(m_forget, batch.forget, batch.epoch);
    sums.retain = accumulate(*m_retain, batch.retain, batch.epoch, pass);
    if (!sums.retain)
        return std::nullopt;
    sums.loss += m_retain->weight * sums.retain->loss;
    if (m_cosine)
        compare(std::move(forgetGradient), sums);
    return sums;
}

void Objective::compare(std::vector<at::Tensor> forget, Sums& sums)
{
    const at::NoGradGuard noGrad;
    std::deque<Parameter>& parameters = m_decoder.parameters();
    double forgetSquare = 0;
    for (const at::Tensor& gradient : forget) {
        const auto norm = gradient.norm().item<double>();
        forgetSquare += norm * norm;
    }
    double product = gradientProduct(parameters, forget);
    const double norm = gradientNorm(parameters);
    double retainSquare = norm * norm;
    if (!m_normalised) { // what is there is the sum of both
        retainSquare += forgetSquare - 2 * product;
        product -= forgetSquare;
    }
    const double lengths = std::sqrt(forgetSquare * std::max(retainSquare, 0.0));
    if (lengths > 0)
        sums.cosine = std::clamp(product / lengths, -1.0, 1.0);
    if (!m_normalised)
        return;
    const auto factor = [](double square) { return square > 0 ? 1 / std::sqrt(square) : 0.0; };
    scaleGradients(parameters, factor(retainSquare));
    auto gradient = forget.begin();
    for (Parameter& parameter : parameters)
        if (parameter.trained)
            parameter.gradient.add_(*gradient++, factor(forgetSquare));
}

std::optional<Objective::Share> Objective::accumulate(const WeightedTerm& term,
                                                      const std::vector<std::int64_t>& items,
                                                      std::int64_t epoch, const Pass& pass)
{
    std::vector<std::int64_t> order;
    std::vector<std::int64_t> lengths;
    for (const std::int64_t item : items) {
        order.push_back(static_cast<std::int64_t>(order.size()));
        std::int64_t length = 0;
        for (const ScoredSample* sample : sequencesOf(term.input, term.corpus, {item}, epoch))
            length += static_cast<std::int64_t>(sample->ids.size());
        lengths.push_back(length);
    }
    Normaliser whole = normaliserOf(term.input, term.corpus, items, epoch);
    whole.tokens += pass.joined;
    const auto microBatches = packMicroBatches(order, lengths, pass.training.microBatchTokens);
    const auto parts = static_cast<double>(microBatches.size());
    Share share;
    double done = 0;
    for (const auto& microBatch : microBatches) {
        if (!pass.proceed(done++ / parts))
            return std::nullopt;
        std::vector<std::int64_t> chosen;
        for (const std::int64_t i : microBatch)
            chosen.push_back(items[static_cast<std::size_t>(i)]);
        ScoredBatch batch(pass.decoder, sequencesOf(term.input, term.corpus, chosen, epoch),
                          term.input.block);
        const Normaliser own = normaliserOf(term.input, term.corpus, chosen, epoch);
        const Normaliser normaliser =
            pass.training.accumulation == "micro-batch" && pass.joined == 0 ? own.times(parts)
                                                                            : whole;
        const at::Tensor contribution = term.term->contribution(batch, normaliser);
        share.loss += contribution.item<double>();
        share.rows += batch.rowCount();
        if (term.input.own && batch.predicts()) {
            share.nll += batch.summedNll(static_cast<std::int64_t>(chosen.size()));
            share.tokens += own.tokens;
        }
        if (at::GradMode::is_enabled())
            (contribution * term.weight).backward();
    }
    return share;
}

} // namespace lacuna
