#include "core/base/guarded.h"

#include <exception>
#include <new>
#include <string>

namespace lacuna {

Status guarded(const std::function<Status()>& body)
{
    try {
        return body();
    } catch (const ErrorException& failure) {
        return failure.error();
    } catch (const std::bad_alloc&) {
        return Error{.code = ErrorCode::OutOfMemory,
                     .message = "the machine has no memory left for this",
                     .remedy = "lower training.micro_batch_tokens or use a smaller model"};
    } catch (const std::exception& failure) {
        // LibTorch appends a native stack trace to its message; the first line is the sentence.
        const std::string what = failure.what();
        const bool memory = what.find("not enough memory") != std::string::npos ||
                            what.find("out of memory") != std::string::npos;
        return Error{.code = memory ? ErrorCode::OutOfMemory : ErrorCode::Internal,
                     .message = what.substr(0, what.find('\n'))};
    }
}

} // namespace lacuna
