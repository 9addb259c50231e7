#include "app/cli/interrupt.h"

#include <csignal>

namespace lacuna {
namespace {

volatile std::sig_atomic_t interrupted = 0;

} // namespace

void watchForInterrupt()
{
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = SA_RESETHAND;
    ::sigaction(SIGINT, &action, nullptr);
}

bool isInterrupted()
{
    return interrupted != 0;
}

} // namespace lacuna
