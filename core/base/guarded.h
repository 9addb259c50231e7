#pragma once

#include "core/base/result.h"

#include <functional>
#include <optional>
#include <utility>

namespace lacuna {

/// Runs \p body and turns whatever it throws into an Error. For the engine's doors only: a thread's
/// outermost function and the commands of a program. Nothing else catches.
[[nodiscard]] Status guarded(const std::function<Status()>& body);

/// The same for a \p body that answers with a Result.
template <class Body> [[nodiscard]] auto guardedResult(const Body& body) -> decltype(body())
{
    std::optional<decltype(body())> result;
    const Status status = guarded([&]() -> Status {
        result.emplace(body());
        return {};
    });
    if (!status)
        return status.error();
    return std::move(*result);
}

} // namespace lacuna
