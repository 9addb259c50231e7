#pragma once

#include "app/pages/compare/compare_page.h"
#include "tests/app/pages/history_bench.h"

#include <nlohmann/json.hpp>

#include <QTabBar>
#include <QTabWidget>

#include <memory>
#include <vector>

namespace lacuna {

/// Runs beside the bundled one, each with another learning rate, that forget more and keep less one
/// after another but for the second, which the first beats; and the page that compares them.
class CompareBench {
public:
    explicit CompareBench(int runs = 3)
    {
        Store store = bench.store();
        for (int i = 0; i < runs; ++i)
            ids.push_back(add(store, i));
    }

    void show(bool chosen = true)
    {
        page = std::make_unique<ComparePage>(bench.services);
        page->resize(1200, 760);
        page->show();
        if (chosen)
            page->setRuns(ids);
        page->shown();
        QVERIFY(QTest::qWaitForWindowExposed(page.get()));
        page->activateWindow();
        if (chosen)
            QTRY_VERIFY_WITH_TIMEOUT(page->isComplete(), 30'000);
    }
    /// By a click.
    void openTab(const char* name) const
    {
        auto* tabs = child<QTabWidget>("compareTabs");
        for (int tab = 0; tab < tabs->count(); ++tab)
            if (tabs->widget(tab)->objectName() == QLatin1String(name))
                QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {},
                                  tabs->tabBar()->tabRect(tab).center());
        QCOMPARE(tabs->currentWidget()->objectName(), QString::fromLatin1(name));
    }
    template <class T> [[nodiscard]] T* child(const char* name) const
    {
        return page->findChild<T*>(QString::fromLatin1(name));
    }
    static QString nameOf(int i) { return QStringLiteral("run %1").arg(i + 1); }
    static double forgetOf(int i) { return i == 1 ? 0.5 : 0.3 - 0.1 * i; }
    static double retainOf(int i) { return 0.8 - 0.1 * i; }

    HistoryBench bench;
    std::vector<RunId> ids;
    std::unique_ptr<ComparePage> page;

private:
    [[nodiscard]] static RunId add(Store& store, int i)
    {
        Run run = store.run(1).value();
        Json recipe = Json::parse(run.recipe);
        recipe["training"]["learning_rate"] = 1e-4 * (i + 1);
        recipe["name"] = nameOf(i).toStdString();
        run.name = nameOf(i).toStdString();
        run.recipe = recipe.dump();
        run.uid.clear();
        run.createdAt = utcText(HistoryBench::kLater + std::chrono::minutes(i));
        const RunId id = store.createRun(run).value().id;
        const auto value = [](EvaluationPhase phase, std::int64_t step, const char* set,
                              double known) {
            Evaluation made{.step = step,
                            .phase = phase,
                            .set = set,
                            .metric = "probability",
                            .value = known,
                            .count = 4};
            // Around their mean, and moving together from run to run.
            for (int sample = 0; sample < 4; ++sample)
                made.samples.push_back(
                    {.sample = sample, .value = known + 0.02 * (sample % 2 == 0 ? 1 : -1)});
            return made;
        };
        store
            .addEvaluations(
                id,
                std::vector<Evaluation>{
                    value(EvaluationPhase::Before, 0, "forget", 0.9),
                    value(EvaluationPhase::Before, 0, "retain", 0.95),
                    value(EvaluationPhase::During, 0, "forget", 0.9),
                    value(EvaluationPhase::During, 4, "forget", (0.9 + forgetOf(i)) / 2),
                    value(EvaluationPhase::After, 8, "forget", forgetOf(i)),
                    value(EvaluationPhase::After, 8, "retain", retainOf(i))})
            .value();
        store
            .appendSeries(id, std::vector<SeriesPoint>{{.step = 1, .key = "loss", .value = 2.0},
                                                       {.step = 2, .key = "loss", .value = 1.0}})
            .value();
        store
            .addAnswers(
                id,
                std::vector<Answer>{
                    {.prompt = "Who?", .role = ModelRole::Original, .text = "It was Ada."},
                    {.step = 8,
                     .prompt = "Who?",
                     .text = i == 0 ? "It was Ada." : "It was nobody " + std::to_string(i)}})
            .value();
        store.endRun(id, {.state = RunState::Done}).value();
        return id;
    }
};

} // namespace lacuna
