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
MethodInfo idk();
MethodInfo dpo();
MethodInfo altPo();
MethodInfo llmu();
MethodInfo rmu();
MethodInfo pdu();
MethodInfo taskVector();
MethodInfo ssu();
MethodInfo ngDiff();
MethodInfo whp();
RetainTermInfo retainNll();
RetainTermInfo retainKl();
RetainTermInfo retainCeReference();
RetainTermInfo retainResidualDrift();

const Catalog<MethodInfo>& methods()
{
    static const Catalog<MethodInfo> catalog("method", {finetune(),     gradientAscent(),
                                                        gradDiff(),     gaKl(),
                                                        npo(),          simNpo(),
                                                        tnpo(),         wga(),
                                                        satImp(),       lossSelection(),
                                                        randomLabels(), adversarialLabels(),
                                                        ceU(),          undial(),
                                                        maxEntropy(),   invertedHinge(),
                                                        idk(),          dpo(),
                                                        altPo(),        llmu(),
                                                        rmu(),          pdu(),
                                                        taskVector(),   ssu(),
                                                        ngDiff(),       whp()});
    return catalog;
}

const Catalog<RetainTermInfo>& retainTerms()
{
    static const Catalog<RetainTermInfo> catalog(
        "retain term", {retainNll(), retainKl(), retainCeReference(), retainResidualDrift()});
    return catalog;
}

} // namespace lacuna
