#pragma once

namespace lacuna {

/// Prepares LibTorch for this process: thread count (0: the physical cores, or OMP_NUM_THREADS) and
/// an allocator that keeps large temporaries instead of returning their pages at every free.
void prepareTorch(int threads = 0);
[[nodiscard]] int threadCount();
/// Hands freed memory to the system, which prepareTorch() keeps for the next step: for when a model
/// has been unloaded or a run has ended.
void giveBackFreeMemory();

} // namespace lacuna
