#include "core/models/checkpoint.h"
#include "core/models/stored_tensor.h"
#include "core/run/plan.h"
#include "tests/core/run/watched_run.h"

#include <QtTest>

using namespace lacuna;

/// Runs that train an adapter.
class TestAdapterRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAdapterLeavesTheModelAlone();
    void anInterruptedAdapterContinuesExactly();
    void aRunMayStartFromAnAdapter();
    void anAdapterThatFitsNothingIsRefused();
};

void TestAdapterRun::anAdapterLeavesTheModelAlone()
{
    Json scope = {{"modules", {"q_proj", "v_proj"}},
                  {"adapter", {{"id", "lora"}, {"rank", 4}, {"alpha", 8}}}};
    WatchedRun run(changed({{"/scope", scope}, {"/training/learning_rate", 0.01}}));
    const RunEnded end = run.untilEnd();
    QVERIFY2(end.state == RunState::Done, end.error ? end.error->text().c_str() : "");
    const auto original = WeightFiles::open(smallModel()).value();
    const auto adapter =
        SafetensorsFile::open(run.folder() / "adapter/adapter_model.safetensors").value();
    QCOMPARE(adapter.tensors().size(), std::size_t{20}); // two matrices of two in five blocks

    // The result is a whole model in which just those two moved, and the adapter's folder a second
    // way to the same one.
    const auto merged =
        loadDecoder(run.folder() / "model", c10::Device(c10::kCPU), c10::kFloat).value();
    for (const Parameter& parameter : merged->parameters()) {
        const bool chosen = parameter.name.find("q_proj") != std::string::npos ||
                            parameter.name.find("v_proj") != std::string::npos;
        const at::Tensor before = mappedTensor(*original.find(parameter.name)).to(at::kFloat);
        QVERIFY2(before.equal(parameter.master) != chosen, parameter.name.c_str());
    }
    const auto adapted =
        loadDecoder(run.folder() / "adapter", c10::Device(c10::kCPU), c10::kFloat).value();
    adapted->mergeAdapters();
    for (std::size_t i = 0; i < merged->parameters().size(); ++i)
        QVERIFY(adapted->parameters()[i].master.equal(merged->parameters()[i].master));

    // What it learned shows, and the plan had counted what is trained.
    const RunOutcome record = run.record();
    QVERIFY(record.curves.at("forget_nll").values.back() >
            record.curves.at("forget_nll").values.front());
    const Plan plan = planRun(parseRecipe(changed({{"/scope", scope}}), {}).value()).value();
    QCOMPARE(plan.trainedParameters, std::int64_t{5 * 4 * (64 + 64 + 64 + 32)});
}

void TestAdapterRun::anInterruptedAdapterContinuesExactly()
{
    const Json recipe =
        changed({{"/scope", {{"adapter", {{"rank", 2}}}}}, {"/checkpoint/every_seconds", 0}});
    WatchedRun undisturbed(recipe);
    undisturbed.untilEnd();
    WatchedRun run(recipe);
    QVERIFY(run.untilStep(4));
    run.control().stop(StopKind::Now);
    run.untilEnd();
    run.resume();
    QVERIFY(run.untilEnd().state == RunState::Done);
    QVERIFY(run.record().curves == undisturbed.record().curves);
    QCOMPARE(readTextFile(run.folder() / "adapter/adapter_model.safetensors").value(),
             readTextFile(undisturbed.folder() / "adapter/adapter_model.safetensors").value());
}

void TestAdapterRun::aRunMayStartFromAnAdapter()
{
    WatchedRun first(
        changed({{"/scope", {{"adapter", {{"rank", 2}}}}}, {"/training/learning_rate", 0.01}}));
    first.untilEnd();
    WatchedRun fromAdapter(changed({{"/model", (first.folder() / "adapter").string()}}));
    QVERIFY(fromAdapter.untilEnd().state == RunState::Done);
    WatchedRun fromMerged(changed({{"/model", (first.folder() / "model").string()}}));
    QVERIFY(fromMerged.untilEnd().state == RunState::Done);
    QVERIFY(fromAdapter.record().curves == fromMerged.record().curves);
    QVERIFY(fromAdapter.record().curves.at("forget_nll") != first.record().curves.at("forget_nll"));
}

void TestAdapterRun::anAdapterThatFitsNothingIsRefused()
{
    WatchedRun run(changed({{"/scope", {{"modules", {"lm_head"}}, {"adapter", {{"rank", 2}}}}}}));
    const RunEnded end = run.untilEnd();
    QVERIFY(end.state == RunState::Failed);
    QVERIFY2(end.error->remedy.find("self_attn.q_proj") != std::string::npos,
             end.error->text().c_str());
}

QTEST_GUILESS_MAIN(TestAdapterRun)
#include "tst_adapter_run.moc"
