#include "core/base/guarded.h"

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace lacuna {
namespace {

Error outOfMemory(std::string message)
{
    return Error{.code = ErrorCode::OutOfMemory,
                 .message = std::move(message),
                 .remedy = "lower training.micro_batch_tokens or use a smaller model"};
}

} // namespace

Status guarded(const std::function<Status()>& body)
{
    try {
        return body();
    } catch (const ErrorException& failure) {
        return failure.error();
    } catch (const std::bad_alloc&) {
        return outOfMemory("the machine has no memory left for this");
    } catch (const std::exception& failure) {
        // LibTorch appends a native stack trace to its message; the first line is the sentence.
        const std::string what = failure.what();
        const std::string sentence = what.substr(0, what.find('\n'));
        const bool memory = what.find("not enough memory") != std::string::npos ||
                            what.find("out of memory") != std::string::npos;
        if (memory)
            return outOfMemory(sentence);
        return Error{.code = ErrorCode::Internal, .message = sentence};
    } catch (...) {
        return Error{.code = ErrorCode::Internal, .message = "an unknown kind of exception"};
    }
}

} // namespace lacuna
