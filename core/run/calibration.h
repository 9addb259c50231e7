#pragma once

#include "core/run/model_evaluation.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Mixing a run's result with its original, and the calibration of the amount (UWC: Wang Q. et al.
/// 2024, arXiv:2406.09179; unlearning reference 2.28).
namespace lacuna {

struct CalibrationRequest {
    EvaluationRequest evaluation;               ///< its model is the original
    std::string unlearned;                      ///< folder
    std::string metric = "extraction-strength"; ///< of the retain set
    double keep = 0.95;                         ///< share of the original's score that must be left
    std::int64_t halvings = 7;                  ///< of the interval in which the amount lies
};

/// What a finished run's result is calibrated with: the model that it started from, its corpora,
/// template and evaluation, without generated answers.
/// \return InvalidArgument for a run that started from no model, or has left none
[[nodiscard]] Result<CalibrationRequest> calibrationOf(const Run& run);
/// The same with the recipe as it is meant, its paths resolved.
[[nodiscard]] Result<CalibrationRequest> calibrationOf(const Run& run, const Recipe& recipe);

struct CalibrationPoint {
    double amount = 0;
    double score = 0; ///< the metric on the retain set
    double kept = 0;  ///< relative to the original's score, 1: all of it
};

struct Calibration {
    double amount = 0;                    ///< the largest that was found to keep enough
    std::vector<CalibrationPoint> points; ///< in the order in which they were tried
    std::vector<Evaluation> evaluations;  ///< all metrics of all sets at that amount
};

/// Finds, by bisection, the largest amount in [0, 1] at which the mixture keeps enough, so that
/// methods can be compared by what they forget at equal retention.
/// \param proceed  progress in [0, 1]; false cancels, and the result has no points
/// \return InvalidArgument for a metric that is unknown or that the retain set has no score of
[[nodiscard]] Result<Calibration> calibrate(const CalibrationRequest& request,
                                            const std::function<bool(double)>& proceed);

/// Writes the mixture of two model folders as a model folder, with the original's tokenizer. The
/// folder appears whole or not at all.
/// \param cancelled  asked now and then; true ends it, and there is no folder
/// \return InvalidArgument when there is something in \p folder already
[[nodiscard]] Status writeMix(const std::filesystem::path& original,
                              const std::filesystem::path& unlearned, double amount,
                              const std::filesystem::path& folder,
                              const std::function<bool()>& cancelled = {});

} // namespace lacuna
