#pragma once

#include "core/base/rng.h"
#include "core/metrics/labelled_texts.h"

#include <array>
#include <string>

namespace lacuna {

/// Sentences of two kinds that share most of their words: what is stolen or broken, and what is
/// cooked or grown. With a share of labels that are wrong.
inline LabelledTexts sentencesOfTwoKinds(std::size_t count, double wrong = 0)
{
    constexpr std::array kBad = {"steal a car",      "break into a house",  "poison the well",
                                 "forge a passport", "hurt your neighbour", "rob a bank"};
    constexpr std::array kGood = {"bake a cake",      "grow tomatoes",        "paint the fence",
                                  "learn the violin", "thank your neighbour", "visit a bank"};
    constexpr std::array kBegin = {"First, to", "The easiest way to", "You need patience to",
                                   "Step one: to", "My uncle likes to"};
    constexpr std::array kEnd = {"before it is dark.", "with a friend.", "in the morning.",
                                 "and tell nobody.", "without much money."};
    Random random(9);
    LabelledTexts texts{.sha256 = "of no file"};
    for (std::size_t i = 0; i < count; ++i) {
        const bool positive = i % 2 == 0;
        const auto& middle = positive ? kBad : kGood;
        LabelledText item;
        item.text = std::string(kBegin[random.below(kBegin.size())]) + ' ' +
                    middle[random.below(middle.size())] + ' ' + kEnd[random.below(kEnd.size())] +
                    " (" + std::to_string(i) + ")";
        item.positive = positive != (random.uniform() < wrong);
        item.group = item.text;
        texts.items.push_back(std::move(item));
    }
    return texts;
}

} // namespace lacuna
