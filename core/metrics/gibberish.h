#pragma once

#include "core/metrics/writing_model.h"

#include <string_view>

namespace lacuna {

/// What a text shows of whether a person could have written it.
struct WritingSigns {
    bool empty = true;        ///< nothing but white space; the rest says nothing then
    double letterBits = 0;    ///< WritingModel::letterBits()
    double wordOrder = 0;     ///< WritingModel::wordOrder()
    double smallWords = 0;    ///< smallWordShare()
    double oddCharacters = 0; ///< share of visible ones that are no letter, digit or usual mark
    double nonWord = 0;       ///< share of visible ones that are no letter or digit
    double repeated = 0;      ///< share of stretches of 10 bytes that came before; 0 below 10 bytes
};

[[nodiscard]] WritingSigns writingSigns(std::string_view text,
                                        const WritingModel& model = WritingModel::english());

/// How clean the writing is, in [0, 1]: exp of minus what each sign exceeds its usual bound by, in
/// units of its own. 1: no sign is unusual; 0 for an empty text.
///
/// What it cannot see: whether anything is true or makes sense, one wrong word, words of one kind
/// put for each other. Another language than English, code, lists of names and verse without small
/// words score lower than their writing deserves.
[[nodiscard]] double cleanness(const WritingSigns& signs);

/// Below it a text is called gibberish.
constexpr double kGibberishBelow = 0.5;

} // namespace lacuna
