#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

struct Session;

/// How far the session's model has fallen into repetition, by a few fixed prompts.
class FluencyCheck {
public:
    /// Takes the first four samples of the retain corpus, of the forget corpus without one; a text
    /// is continued from its first tokens on.
    explicit FluencyCheck(Session& session);

    /// Mean over the answers of the share of pairs of neighbouring words, or tokens where that is
    /// more, that came before in the same answer (rep-2: Welleck et al. 2019, arXiv:1908.04319); 1
    /// for an empty one.
    /// \param proceed  false cancels, and nothing is returned
    [[nodiscard]] std::optional<double> repetition(const std::function<bool()>& proceed) const;

private:
    Session& m_session;
    std::vector<std::vector<std::int64_t>> m_prompts;
};

} // namespace lacuna
