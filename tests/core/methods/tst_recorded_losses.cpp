#include "core/base/json.h"
#include "core/methods/answer_terms.h"
#include "core/methods/residual_terms.h"
#include "core/methods/row_losses.h"
#include "core/methods/terms.h"
#include "core/methods/token_terms.h"
#include "core/models/checkpoint.h"
#include "core/models/head.h"
#include "core/models/stored_tensor.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>

using namespace lacuna;

namespace {

/// Recorded logits as hidden rows of a head that is the identity: what a row loss sees is then what
/// was recorded, and the gradient of the hidden rows is that of the logits.
///
/// Of logits [B, T, V] and labels [B, T], the row (b, t-1) predicts label t; -100 is not scored.
class Recorded {
public:
    /// \param type  what the recorded inputs are computed in
    explicit Recorded(const std::string& name, at::ScalarType type = at::kDouble)
        : m_file(SafetensorsFile::open(folder() / (name + ".safetensors")).value()),
          m_record(readJsonFile(folder() / (name + ".json")).value()), m_type(type)
    {
    }

    [[nodiscard]] at::Tensor tensor(const std::string& name) const
    {
        const TensorEntry* entry = m_file.find(name);
        if (!entry)
            throw std::logic_error("the fixture lacks " + name);
        return mappedTensor(*entry).clone();
    }
    /// The same, as an input.
    [[nodiscard]] at::Tensor input(const std::string& name) const
    {
        return tensor(name).to(m_type);
    }
    [[nodiscard]] double value(const std::string& objective) const
    {
        return m_record.at("values").at(objective).get<double>();
    }
    [[nodiscard]] double hyper(const std::string& name) const
    {
        return m_record.at("hyperparameters").at(name).get<double>();
    }
    [[nodiscard]] const Json& sequences(const std::string& set) const
    {
        return m_record.at("sequences").at(set);
    }

private:
    static std::filesystem::path folder()
    {
        return std::filesystem::path(TEST_DATA_DIR) / "golden/losses";
    }

    SafetensorsFile m_file;
    Json m_record;
    at::ScalarType m_type;
};

/// The scored rows of one recorded set.
struct ScoredSet {
    ScoredSet(const Recorded& recorded, const std::string& set)
        : logits(recorded.input(set + "_logits").requires_grad_()),
          flat(logits.reshape({-1, logits.size(2)})),
          referenceFlat(recorded.input(set + "_ref_logits").reshape({-1, logits.size(2)}))
    {
        const at::Tensor labels = recorded.tensor(set + "_labels");
        const at::Tensor next = labels.narrow(1, 1, labels.size(1) - 1);
        const at::Tensor found = next.ne(-100).nonzero(); // [M, 2]: b, t - 1
        owner = found.select(1, 0);
        rows = owner.mul(labels.size(1)).add(found.select(1, 1));
        targets =
            next.reshape({-1}).index_select(0, owner.mul(next.size(1)).add(found.select(1, 1)));
        const at::Tensor identity = at::eye(logits.size(2), logits.options().requires_grad(false));
        head = {.name = "identity", .master = identity, .compute = identity};
    }

    [[nodiscard]] at::Tensor logProbs(const at::Tensor& of)
    {
        return scoreRows(of.index_select(0, rows), Head{&head},
                         std::make_shared<TokenLogProb>(targets));
    }
    [[nodiscard]] at::Tensor perSequence(const at::Tensor& perToken) const
    {
        return perToken.new_zeros({logits.size(0)}).index_add(0, owner, perToken);
    }
    /// log p - log p_ref of each sequence.
    [[nodiscard]] at::Tensor logRatio()
    {
        return perSequence(logProbs(flat)).sub(perSequence(logProbs(referenceFlat)));
    }
    [[nodiscard]] at::Tensor divergence(const at::Tensor& wanted)
    {
        const auto loss = std::make_shared<TeacherDivergence>(referenceFlat.index_select(0, wanted),
                                                              HeadWeights{.weight = head.compute});
        return scoreRows(flat.index_select(0, wanted), Head{&head}, loss);
    }

    [[nodiscard]] at::Tensor weightedAscent(double beta1, double beta2)
    {
        const at::Tensor logP = logProbs(flat);
        return saturationImportance(logP.detach(), beta1, beta2).mul(logP).mean();
    }
    [[nodiscard]] at::Tensor adjustedTeacher(double beta)
    {
        const auto loss =
            std::make_shared<AdjustedTeacher>(referenceFlat.index_select(0, rows),
                                              HeadWeights{.weight = head.compute}, targets, beta);
        return scoreRows(flat.index_select(0, rows), Head{&head}, loss).mean();
    }
    /// Mean over all but the first \p skip scored tokens of each sequence.
    [[nodiscard]] at::Tensor restOfOwn(std::int64_t skip)
    {
        const at::Tensor all = scoreRows(flat.index_select(0, rows), Head{&head},
                                         std::make_shared<RestOfOwnDistribution>(targets));
        const at::Tensor before = owner.unsqueeze(0).eq(owner.unsqueeze(1)).tril(-1).sum(1);
        return all.index_select(0, before.ge(skip).nonzero().squeeze(1)).mean();
    }

    at::Tensor logits;        // [B, T, V], carries the gradient
    at::Tensor flat;          // [B * T, V]
    at::Tensor referenceFlat; // [B * T, V]
    at::Tensor rows;          // [M], of the flat logits
    at::Tensor targets;       // [M]
    at::Tensor owner;         // [M], sequence
    Parameter head;
};

/// Recorded hidden rows, of which those of scored tokens are looked at, or all.
struct HiddenSet {
    HiddenSet(const Recorded& recorded, const std::string& set)
        : hidden(recorded.input(set + "_hidden").requires_grad_())
    {
        const at::Tensor scored = recorded.tensor(set + "_labels").ne(-100);
        const at::Tensor found = scored.nonzero(); // [M, 2]: b, t
        owners = found.select(1, 0);
        rows = owners.mul(hidden.size(1)).add(found.select(1, 1));
        normaliser = {.tokens = static_cast<double>(rows.size(0)),
                      .sequences = static_cast<double>(hidden.size(0)),
                      .rows = static_cast<double>(hidden.size(0) * hidden.size(1)),
                      .inverseTokens =
                          scored.sum(1).to(at::kDouble).reciprocal().sum().item<double>()};
    }
    /// \param target  what the hidden rows are compared with, [B, T, D] or [D]
    [[nodiscard]] at::Tensor distance(const at::Tensor& target, ResidualMean mean) const
    {
        at::Tensor difference = hidden.sub(target).reshape({-1, hidden.size(2)});
        if (mean != ResidualMean::AllRows)
            difference = difference.index_select(0, rows);
        return residualDistance(difference, owners, mean, normaliser);
    }

    at::Tensor hidden; // [B, T, D], carries the gradient
    at::Tensor rows;   // [M]
    at::Tensor owners; // [M]
    Normaliser normaliser;
};

struct Objective {
    Objective(const std::string& name, const Recorded& recorded);

    ScoredSet forget; // their heads outlive the graph of the loss
    ScoredSet retain;
    ScoredSet other;
    HiddenSet forgetHidden;
    HiddenSet retainHidden;
    at::Tensor loss;
    /// Sets whose gradient is recorded.
    std::vector<std::pair<std::string, at::Tensor>> leaves;
};

Objective::Objective(const std::string& name, const Recorded& recorded)
    : forget(recorded, "forget"), retain(recorded, "retain"), other(recorded, "idk"),
      forgetHidden(recorded, "forget"), retainHidden(recorded, "retain")
{
    const at::Tensor forgetLoss = forget.logProbs(forget.flat).mean().neg();
    const at::Tensor retainLoss = retain.logProbs(retain.flat).mean().neg();
    const at::Tensor everyRow = retain.flat.detach().new_ones({retain.flat.size(0)});
    if (name == "ga")
        loss = forgetLoss.neg();
    else if (name == "grad_diff")
        loss = retainLoss.mul(recorded.hyper("alpha")).sub(forgetLoss.mul(recorded.hyper("gamma")));
    else if (name == "npo")
        loss = npoLoss(forget.perSequence(forget.logProbs(forget.flat)),
                       forget.perSequence(forget.logProbs(forget.referenceFlat)),
                       recorded.hyper("npo_beta"), static_cast<double>(forget.logits.size(0)));
    else if (name == "kl_retain_masked")
        loss = retain.divergence(retain.rows).mean();
    else if (name == "kl_retain_all")
        loss = retain.divergence(everyRow.nonzero().squeeze(1)).mean();
    else if (name == "simnpo")
        loss = simNpoLoss(
            forget.perSequence(forget.logProbs(forget.flat))
                .neg()
                .div(forget.perSequence(forget.flat.detach().new_ones(forget.rows.sizes()))),
            recorded.hyper("simnpo_beta"), recorded.hyper("simnpo_delta"),
            static_cast<double>(forget.logits.size(0)));
    else if (name == "wga")
        loss = forget.weightedAscent(recorded.hyper("wga_beta"), 0);
    else if (name == "satimp")
        loss =
            forget.weightedAscent(recorded.hyper("satimp_beta1"), recorded.hyper("satimp_beta2"));
    else if (name.starts_with("dpo"))
        loss = dpoLoss(other.logRatio(), forget.logRatio(), recorded.hyper("dpo_beta"),
                       name == "dpo" ? 1 : 2 / recorded.hyper("dpo_beta"),
                       static_cast<double>(forget.logits.size(0)));
    else if (name.starts_with("rmu")) {
        const ResidualMean mean = name == "rmu_masked"  ? ResidualMean::Sequences
                                  : name == "rmu_outer" ? ResidualMean::Crossed
                                                        : ResidualMean::AllRows;
        const at::Tensor direction = recorded.input("rmu_unit_vector").mul(recorded.hyper("rmu_c"));
        loss = forgetHidden.distance(direction, mean)
                   .add(retainHidden.distance(recorded.input("retain_ref_hidden"), mean),
                        recorded.hyper("rmu_alpha"));
        leaves.emplace_back("forget_hidden", forgetHidden.hidden);
        leaves.emplace_back("retain_hidden", retainHidden.hidden);
        return;
    } else if (name == "idk_sum")
        loss = other.logProbs(other.flat).mean().neg().add(retainLoss);
    else if (name == "idk_concat") // what "joint_mean" of idk is
        loss = at::cat({other.logProbs(other.flat), retain.logProbs(retain.flat)}).mean().neg();
    else if (name == "undial")
        loss = forget.adjustedTeacher(recorded.hyper("undial_beta"));
    else if (name == "ceu")
        loss = forget.restOfOwn(static_cast<std::int64_t>(recorded.hyper("ceu_skip_first")));
    else
        throw std::logic_error("no formula for " + name);
    const bool reads = !name.starts_with("kl") && !name.starts_with("idk");
    if (reads)
        leaves.emplace_back("forget_logits", forget.logits);
    if (name.starts_with("kl") || name == "grad_diff" || name.starts_with("idk"))
        leaves.emplace_back("retain_logits", retain.logits);
    if (name.starts_with("dpo") || name.starts_with("idk"))
        leaves.emplace_back("idk_logits", other.logits);
}

} // namespace

class TestRecordedLosses : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valueAndGradientAgree_data();
    void valueAndGradientAgree();
    void sequenceSumsAgree_data();
    void sequenceSumsAgree();
    void aRowLossIsTheSameWithAndWithoutTheHead();
};

void TestRecordedLosses::valueAndGradientAgree_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("type");
    for (const char* file : {"case0", "case1"})
        for (const char* name :
             {"ga", "grad_diff", "kl_retain_masked", "kl_retain_all", "npo", "simnpo", "wga",
              "satimp", "undial", "ceu", "dpo", "dpo_two_over_beta", "idk_sum", "idk_concat",
              "rmu_masked", "rmu_outer", "rmu_plain"})
            for (const at::ScalarType type : {at::kDouble, at::kFloat})
                QTest::addRow("%s, %s, %s", name, file, c10::toString(type))
                    << file << name << static_cast<int>(type);
}

void TestRecordedLosses::valueAndGradientAgree()
{
    QFETCH(QString, file);
    QFETCH(QString, name);
    QFETCH(int, type);
    const Recorded recorded(file.toStdString(), static_cast<at::ScalarType>(type));
    const Objective computed(name.toStdString(), recorded);
    const double wanted = recorded.value(name.toStdString());
    // The tolerances that the record states for the two types.
    const bool exact = static_cast<at::ScalarType>(type) == at::kDouble;
    QVERIFY2(std::abs(computed.loss.item<double>() - wanted) <=
                 (exact ? 1e-10 : 1e-5) * std::abs(wanted),
             qPrintable(QString::number(computed.loss.item<double>(), 'g', 17)));

    computed.loss.backward();
    for (const auto& [leaf, tensor] : computed.leaves) {
        const at::Tensor gradient = recorded.tensor("grad." + name.toStdString() + "." + leaf);
        const double largest = gradient.abs().max().item<double>();
        const double difference = tensor.grad().sub(gradient).abs().max().item<double>();
        QVERIFY2(difference <= (exact ? 1e-9 : 1e-4) * largest, leaf.c_str());
    }
}

void TestRecordedLosses::sequenceSumsAgree_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("set");
    for (const char* file : {"case0", "case1"})
        for (const char* set : {"forget", "retain", "idk"})
            QTest::addRow("%s, %s", set, file) << file << set;
}

void TestRecordedLosses::sequenceSumsAgree()
{
    QFETCH(QString, file);
    QFETCH(QString, set);
    const Recorded recorded(file.toStdString());
    ScoredSet scored(recorded, set.toStdString());
    const Json& wanted = recorded.sequences(set.toStdString());
    const auto compare = [&](const at::Tensor& of, const char* key) {
        const at::Tensor sums = scored.perSequence(scored.logProbs(of));
        for (std::int64_t b = 0; b < sums.size(0); ++b) {
            const double recordedSum = wanted.at(key).at(static_cast<std::size_t>(b)).get<double>();
            QVERIFY(std::abs(sums[b].item<double>() - recordedSum) <=
                    1e-10 * std::abs(recordedSum));
        }
    };
    compare(scored.flat, "sum_logprob");
    compare(scored.referenceFlat, "ref_sum_logprob");
}

void TestRecordedLosses::aRowLossIsTheSameWithAndWithoutTheHead()
{
    const Recorded recorded("case0");
    ScoredSet forget(recorded, "forget");
    const at::Tensor rows = forget.flat.detach().index_select(0, forget.rows);
    const TokenLogProb loss(forget.targets);
    const at::Tensor direct = loss.value(rows.clone(), 0);
    QVERIFY(direct.allclose(forget.logProbs(forget.flat).detach(), 0, 1e-13));
    // The second half alone, counted from its first row.
    const std::int64_t half = rows.size(0) / 2;
    const at::Tensor tail = loss.value(rows.narrow(0, half, rows.size(0) - half).clone(), half);
    QVERIFY(tail.equal(direct.narrow(0, half, rows.size(0) - half)));

    const at::Tensor gradient = loss.gradient(rows.clone(), 0, direct.new_ones({direct.size(0)}));
    // Adding a constant to all logits of a row changes nothing.
    QVERIFY(gradient.sum(1).abs().max().item<double>() <= 1e-14);
}

QTEST_GUILESS_MAIN(TestRecordedLosses)
#include "tst_recorded_losses.moc"
