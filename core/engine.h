#pragma once

/// The only door to the engine: what a program may ask for, in plain values. Everything here can
/// be included without LibTorch; the tensors stay behind it.
///
/// - inspectModel(): what a model folder holds, from its headers
/// - generateText(): continue a prompt
/// - ModelHost: a model that stays loaded and answers questions
/// - evaluateModel(): measure a model on corpora
/// - findSaliency(): where in a model a forget set lies, compared with a retain set
/// - lensOfAnswer(), inspectInside(), findWeightChanges(): what a model holds inside
/// - verifyModel(), verifyTrajectory(): compare with recorded values
/// - runBench(): what this machine reaches
/// - readRecipe(), planRun(), RunThread: do what a recipe says, with commands in and events out

#include "core/models/inspection.h"
#include "core/probe/answer_lens.h"
#include "core/probe/model_host.h"
#include "core/probe/text_generation.h"
#include "core/probe/weight_changes.h"
#include "core/run/bench.h"
#include "core/run/inside_report.h"
#include "core/run/model_evaluation.h"
#include "core/run/plan.h"
#include "core/run/recipe.h"
#include "core/run/run_thread.h"
#include "core/run/saliency.h"
#include "core/run/verify.h"
