#include "core/methods/method.h"
#include "core/methods/term.h"

namespace lacuna {

MethodInfo finetune();
MethodInfo gradientAscent();
MethodInfo gradDiff();
MethodInfo gaKl();
MethodInfo npo();
RetainTermInfo retainNll();
RetainTermInfo retainKl();

const Catalog<MethodInfo>& methods()
{
    static const Catalog<MethodInfo> catalog(
        "method", {finetune(), gradientAscent(), gradDiff(), gaKl(), npo()});
    return catalog;
}

const Catalog<RetainTermInfo>& retainTerms()
{
    static const Catalog<RetainTermInfo> catalog("retain term", {retainNll(), retainKl()});
    return catalog;
}

} // namespace lacuna
