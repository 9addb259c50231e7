#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace lacuna {

enum class ErrorCode : std::uint8_t {
    NotFound,
    Corrupt,
    Unsupported,
    InvalidArgument,
    Io,
    OutOfMemory,
    Internal,
};

[[nodiscard]] std::string_view errorCodeName(ErrorCode code);

/// The one type of failure that reaches a user.
///
/// `message` is one English sentence without a full stop: what happened and why. `context` is the
/// place (file, file:row, recipe key, parameter). `remedy` says what to try; it may be empty.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string context = {};
    std::string remedy = {};

    /// The same error with \p place in front of the context it already has.
    [[nodiscard]] Error at(std::string_view place) const;
    /// "context: message; remedy", on one line.
    [[nodiscard]] std::string text() const;
};

/// An Error that travels through code that cannot return one. Only guarded() catches it.
class ErrorException : public std::runtime_error {
public:
    explicit ErrorException(Error error);
    [[nodiscard]] const Error& error() const { return m_error; }

private:
    Error m_error;
};

/// A value or the Error that prevented it. Stands in for std::expected, which is C++23.
template <class T> class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return m_state.index() == 0; }

    T& value() &
    {
        require();
        return std::get<0>(m_state);
    }
    const T& value() const&
    {
        require();
        return std::get<0>(m_state);
    }
    /// By value, so that `for (auto& x : f().value())` does not outlive what it walks.
    T value() &&
    {
        require();
        return std::get<0>(std::move(m_state));
    }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    [[nodiscard]] const Error& error() const { return std::get<1>(m_state); }

private:
    void require() const
    {
        if (m_state.index() != 0)
            throw ErrorException(std::get<1>(m_state));
    }

    std::variant<T, Error> m_state;
};

/// Success, or the Error that prevented it.
template <> class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)), m_failed(true) {}

    explicit operator bool() const { return !m_failed; }
    [[nodiscard]] const Error& error() const { return m_error; }
    void value() const
    {
        if (m_failed)
            throw ErrorException(m_error);
    }

private:
    Error m_error;
    bool m_failed = false;
};

using Status = Result<void>;

} // namespace lacuna
