#include "core/methods/method.h"
#include "core/methods/token_terms.h"

namespace lacuna {

MethodInfo whp()
{
    return {
        .id = "whp",
        .title = "Who's Harry Potter",
        .source = "Eldan and Russinovich 2023, arXiv:2310.02238, section 2",
        .explanation =
            "First the model is trained further on the forget texts; what becomes more likely "
            "thereby is what the texts alone taught. The original is then trained on the tokens "
            "that are left as most likely when that is taken away: text as if the source had "
            "never been read. The loss falls quickly and the answers become generic. Hints bring "
            "the knowledge back. The paper's dictionary of names to be replaced is not used.",
        .normalisation = "TM",
        .params = {{.name = "alpha",
                    .fallback = 5.0,
                    .min = 0,
                    .max = 1000,
                    .help = "how strongly what the further training raised is lowered; 0: the "
                            "original's own choice",
                    .provenance = "Eldan and Russinovich 2023; MUSE chose 4 for news, 256 for "
                                  "books"},
                   {.name = "reinforce_epochs",
                    .fallback = 3.0,
                    .min = 0,
                    .max = 1000,
                    .unit = "epochs",
                    .help = "of the training that exaggerates what is to be forgotten",
                    .provenance = "Eldan and Russinovich 2023"},
                   {.name = "reinforce_learning_rate",
                    .fallback = 3e-6,
                    .min = 0,
                    .max = 10,
                    .help = "of that training",
                    .provenance = "Eldan and Russinovich 2023, for 7 B parameters; small models "
                                  "want what they are trained with"}},
        .retain = RetainUse::Optional,
        .defaultRetain = "",
        .keeps = KeptRows::Final,
        .reinforces = true,
        .make = [](const ParamSet& p) {
            return std::make_unique<GenericLabelTerm>(p.number("alpha"));
        }};
}

} // namespace lacuna
