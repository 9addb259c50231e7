#pragma once

#include "core/probe/answer.h"

#include <QString>

#include <span>
#include <string>
#include <vector>

/// How tokens are shown, and what can be told of them.
namespace lacuna {

/// A ProbeAnswer::Token's text as it is put on the screen.
/// \param showSpace  white space is made visible: · for a space, → for a tab, ⏎ for a line break
[[nodiscard]] QString shownToken(const std::string& text, bool showSpace);

/// logP(unlearned) - logP(original) of each of \p shown, NaN where it is not known.
///
/// Known as long as both answers are the same so far, since only then both models stood before the
/// same words: from the other's token, or from its alternatives where the answers part.
/// \param shownIsOriginal  whether \p shown are the original's tokens and \p other the unlearned's
[[nodiscard]] std::vector<float> logProbDeltas(std::span<const ProbeAnswer::Token> shown,
                                               std::span<const ProbeAnswer::Token> other,
                                               bool shownIsOriginal);

/// Full colour of a scale for \p deltas: the largest absolute one, as 1, 2, 4, 8 or 16 nats.
[[nodiscard]] double deltaScale(std::span<const float> deltas);

/// Where the last sentence that ends in \p text at or after \p from ends; \p from when none does.
[[nodiscard]] qsizetype sentencesEnd(const QString& text, qsizetype from);

/// "93.1 %", "0.031 %", "< 0.001 %": at least two digits that count.
[[nodiscard]] QString probabilityText(double logProb);

} // namespace lacuna
