#include "core/base/result.h"

namespace lacuna {

std::string_view errorCodeName(ErrorCode code)
{
    switch (code) {
    case ErrorCode::NotFound:
        return "not-found";
    case ErrorCode::Corrupt:
        return "corrupt";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::InvalidArgument:
        return "invalid-argument";
    case ErrorCode::Io:
        return "io";
    case ErrorCode::OutOfMemory:
        return "out-of-memory";
    case ErrorCode::Internal:
        return "internal";
    }
    return "internal";
}

Error Error::at(std::string_view place) const
{
    Error copy = *this;
    copy.context = context.empty() ? std::string(place) : std::string(place) + ": " + context;
    return copy;
}

std::string Error::text() const
{
    std::string line = context.empty() ? message : context + ": " + message;
    if (!remedy.empty())
        line += "; " + remedy;
    return line;
}

ErrorException::ErrorException(Error error)
    : std::runtime_error(error.text()), m_error(std::move(error))
{
}

} // namespace lacuna
