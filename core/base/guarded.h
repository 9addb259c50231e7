#pragma once

#include "core/base/result.h"

#include <functional>
#include <optional>
#include <utility>

namespace lacuna {

/// Runs \p body and turns whatever it throws into an Error. For the engine's doors only: a thread's
/// outermost function and the commands of a program. Nothing else catches.
[[nodiscard]] Status guarded(const std::function<Status()>& body);

/// What \p body answers, or what it throws as an Error.
template <class T> [[nodiscard]] Result<T> guardedResult(const std::function<Result<T>()>& body)
{
    std::optional<Result<T>> result;
    const Status status = guarded([&]() -> Status {
        result = body();
        return {};
    });
    if (!status)
        return status.error();
    return std::move(*result);
}

} // namespace lacuna
