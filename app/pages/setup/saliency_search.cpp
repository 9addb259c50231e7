#include "app/pages/setup/saliency_search.h"

#include "core/base/guarded.h"
#include "core/models/threads.h"

namespace lacuna {

namespace {

constexpr int kPollMs = 33;

} // namespace

SaliencySearch::SaliencySearch(QObject* parent)
    : QObject(parent), m_share(std::make_shared<std::atomic<double>>(0))
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { Q_EMIT progressed(m_share->load()); });
}

SaliencySearch::~SaliencySearch()
{
    m_stop.request_stop();
}

void SaliencySearch::start(const Recipe& recipe, Done done)
{
    m_stop = {};
    *m_share = 0;
    m_running = true;
    m_timer.start();
    m_work.run(
        this,
        [recipe, stop = m_stop.get_token(), share = m_share] {
            auto found = guardedResult([&] {
                return findSaliency({.recipe = recipe}, [&](double doneShare) {
                    *share = doneShare;
                    return !stop.stop_requested();
                });
            });
            giveBackFreeMemory();
            return found;
        },
        [this, done = std::move(done)](const Result<std::optional<SaliencyMap>>& found) {
            m_running = false;
            m_timer.stop();
            done(found);
        });
}

void SaliencySearch::cancel()
{
    m_stop.request_stop();
}

} // namespace lacuna
