#include "core/methods/method.h"
#include "core/methods/term.h"

namespace lacuna {

MethodInfo finetune();
MethodInfo gradientAscent();
MethodInfo gradDiff();
MethodInfo gaKl();
MethodInfo npo();
MethodInfo simNpo();
MethodInfo tnpo();
MethodInfo wga();
MethodInfo satImp();
MethodInfo lossSelection();
MethodInfo randomLabels();
MethodInfo adversarialLabels();
MethodInfo ceU();
MethodInfo undial();
MethodInfo maxEntropy();
MethodInfo invertedHinge();
RetainTermInfo retainNll();
RetainTermInfo retainKl();

const Catalog<MethodInfo>& methods()
{
    static const Catalog<MethodInfo> catalog(
        "method", {finetune(), gradientAscent(), gradDiff(), gaKl(), npo(), simNpo(), tnpo(), wga(),
                   satImp(), lossSelection(), randomLabels(), adversarialLabels(), ceU(), undial(),
                   maxEntropy(), invertedHinge()});
    return catalog;
}

const Catalog<RetainTermInfo>& retainTerms()
{
    static const Catalog<RetainTermInfo> catalog("retain term", {retainNll(), retainKl()});
    return catalog;
}

} // namespace lacuna
