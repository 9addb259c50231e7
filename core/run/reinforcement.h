#pragma once

#include <functional>

namespace lacuna {

class Objective;
struct Session;

/// Trains the session's model further on its forget corpus by AdamW, as the method's parameters
/// "reinforce_epochs" and "reinforce_learning_rate" say, shows it to the objective, and puts the
/// weights back as they were (Eldan and Russinovich 2023, arXiv:2310.02238, section 2.1).
/// \param proceed  progress in [0, 1]; false cancels
/// \return false when cancelled
[[nodiscard]] bool showReinforced(Session& session, Objective& objective,
                                  const std::function<bool(double)>& proceed);

} // namespace lacuna
