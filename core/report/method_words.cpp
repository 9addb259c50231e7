#include "core/methods/method.h"
#include "core/report/run_words.h"

namespace lacuna {

MethodWords methodWords(const std::string& method)
{
    const Result<const MethodInfo*> info = methods().find(method);
    if (!info)
        return {};
    return {.title = (*info)->title,
            .source = (*info)->source,
            .explanation = (*info)->explanation,
            .learns = (*info)->learns && !(*info)->negates};
}

} // namespace lacuna
