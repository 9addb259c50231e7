#include "app/pages/compare/comparison_loader.h"

#include "app/background.h"
#include "app/history.h"

#include <algorithm>

namespace lacuna {

ComparisonLoader::ComparisonLoader(History& history, Background& background, QObject* parent)
    : QObject(parent), m_history(history), m_background(background)
{
}

void ComparisonLoader::load(const std::vector<RunId>& ids, RunId pinned)
{
    m_ids = ids;
    std::erase_if(m_known, [&](const auto& known) {
        return std::ranges::find(ids, known.first) == ids.end();
    });
    if (pinned != m_pinned)
        for (auto& [id, known] : m_known)
            known.deltas.reset();
    m_pinned = pinned;
    ++m_wish;
    proceed();
}

void ComparisonLoader::forget()
{
    for (auto& [id, known] : m_known)
        known.isFresh = false;
}

std::vector<ComparedEntry> ComparisonLoader::entries() const
{
    std::vector<ComparedEntry> entries;
    for (const RunId id : m_ids)
        if (const auto found = m_known.find(id); found != m_known.end())
            entries.push_back({.run = found->second.run, .deltas = found->second.deltas});
    return entries;
}

/// The next step: the pinned run first, then the others, then the differences.
void ComparisonLoader::proceed()
{
    m_busy = true;
    const auto isMissing = [this](RunId id) {
        const auto found = m_known.find(id);
        return found == m_known.end() || !found->second.isFresh;
    };
    if (std::ranges::find(m_ids, m_pinned) != m_ids.end() && isMissing(m_pinned)) {
        read(m_pinned);
    } else if (const auto next = std::ranges::find_if(m_ids, isMissing); next != m_ids.end()) {
        read(*next);
    } else if (const auto open =
                   std::ranges::find_if(m_ids, [this](RunId id) { return !m_known.at(id).deltas; });
               open != m_ids.end() && m_known.contains(m_pinned)) {
        compare(*open);
    } else {
        m_busy = false;
    }
    Q_EMIT progressed();
}

void ComparisonLoader::read(RunId id)
{
    m_history.loadCompared(this, id, [this, id, wish = m_wish](Result<ComparedRun> run) {
        if (wish != m_wish)
            return;
        if (run) {
            if (id == m_pinned) // the others were measured against what it was
                for (auto& [other, known] : m_known)
                    known.deltas.reset();
            m_known[id] = {.run = std::make_shared<ComparedRun>(std::move(run).value()),
                           .deltas = {}};
        } else {
            std::erase(m_ids, id);
            m_known.erase(id);
            Q_EMIT failed(id, run.error());
            if (wish != m_wish)
                return; // whoever heard it has other wishes now
        }
        proceed();
    });
}

void ComparisonLoader::compare(RunId id)
{
    m_background.run(
        this,
        [pinned = m_known.at(m_pinned).run, run = m_known.at(id).run] {
            MetricDeltas deltas;
            for (const Measurement& one : run->measured)
                deltas[one.of] = deltaFrom(*pinned, *run, one.of);
            return std::make_shared<const MetricDeltas>(std::move(deltas));
        },
        [this, id, wish = m_wish](const std::shared_ptr<const MetricDeltas>& deltas) {
            if (wish != m_wish)
                return;
            m_known.at(id).deltas = deltas;
            proceed();
        });
}

} // namespace lacuna
