#include "app/pages/evaluate/evaluate_dialog.h"

#include "app/error_text.h"
#include "app/history.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/message_bar.h"
#include "widgets/text/model_mark.h"

#include <QCheckBox>
#include <QDir>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 560;
constexpr int kProgressSteps = 1000;
constexpr int kMostSamples = 100'000;

} // namespace

EvaluateDialog::EvaluateDialog(Services& services, RunRecord record,
                               std::vector<MeasuredModel> models,
                               const std::vector<SuiteChoice>& suites, QWidget* parent)
    : QDialog(parent), m_services(services), m_record(std::move(record)),
      m_models(std::move(models)), m_explanation(secondaryText({})), m_suiteTitle(new QLabel),
      m_suite(new CalmComboBox), m_samplesTitle(new QLabel), m_samples(new QSpinBox),
      m_generate(new QCheckBox), m_phaseText(new QLabel), m_progress(new QProgressBar),
      m_start(new QPushButton), m_cancel(new QPushButton)
{
    setObjectName(u"evaluateDialog"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(4);
    for (const MeasuredModel& model : m_models) {
        const int row = static_cast<int>(m_choices.size());
        auto* choice = new QCheckBox;
        choice->setObjectName(u"evaluate-"_s +
                              QString::fromStdString(std::string(idOf(model.role))));
        choice->setChecked(!model.refusal);
        choice->setEnabled(!model.refusal);
        connect(choice, &QCheckBox::toggled, this, &EvaluateDialog::updateStart);
        auto* facts = secondaryText({});
        grid->addWidget(choice, row, 0, Qt::AlignTop);
        grid->addWidget(facts, row, 1);
        m_choices.push_back(choice);
        m_facts.push_back(facts);
    }
    grid->setColumnStretch(1, 1);
    addSuites(suites);
    m_samples->setObjectName(u"evaluateSamples"_s);
    m_samples->setRange(1, kMostSamples);
    m_samples->setGroupSeparatorShown(true);
    m_samples->setValue(static_cast<int>(
        std::clamp<std::int64_t>(m_record.recipe.evaluation.maxSamples, 1, kMostSamples)));
    m_samplesTitle->setBuddy(m_samples);
    m_generate->setObjectName(u"evaluateGenerate"_s);
    m_generate->setChecked(m_record.recipe.evaluation.generate);
    m_progress->setObjectName(u"evaluateProgress"_s);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, kProgressSteps);
    m_phaseText->setObjectName(u"evaluatePhase"_s);
    m_start->setObjectName(u"startEvaluation"_s);
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    m_cancel->setObjectName(u"closeEvaluation"_s);
    m_cancel->setAutoDefault(false);

    auto* options = new QHBoxLayout;
    options->setSpacing(8);
    options->addWidget(m_suiteTitle);
    options->addWidget(m_suite);
    options->addWidget(m_samplesTitle);
    options->addWidget(m_samples);
    options->addStretch();
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_start);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(12);
    layout->addWidget(m_explanation);
    layout->addLayout(grid);
    layout->addLayout(options);
    layout->addWidget(m_generate);
    layout->addStretch();
    layout->addWidget(m_phaseText);
    layout->addWidget(m_progress);
    layout->addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &EvaluateDialog::start);
    connect(m_cancel, &QPushButton::clicked, this, &EvaluateDialog::reject);
    connect(&m_job, &CancellableJob::progressed, this, [this](double share) {
        m_progress->setValue(static_cast<int>(std::lround(kProgressSteps * share)));
    });
    retranslate();
    setPhase(Phase::Idle);
    resize(kWidth, layout->totalHeightForWidth(kWidth));
}

void EvaluateDialog::addSuites(const std::vector<SuiteChoice>& suites)
{
    m_suite->setObjectName(u"evaluateSuite"_s);
    m_suiteTitle->setBuddy(m_suite);
    auto* model = qobject_cast<QStandardItemModel*>(m_suite->model());
    for (const SuiteChoice& suite : suites) {
        m_suite->addItem(suite.title, suite.id);
        QStandardItem* item = model->item(m_suite->count() - 1);
        item->setToolTip(suite.problem);
        item->setEnabled(suite.problem.isEmpty());
    }
    const int own = m_suite->findData(QString::fromStdString(m_record.recipe.evaluation.suite));
    m_suite->setCurrentIndex(own >= 0 && model->item(own)->isEnabled() ? own : 0);
}

void EvaluateDialog::reject()
{
    if (m_phase == Phase::Saving)
        return; // a moment; what was measured is not lost to an Escape
    if (!m_job.isRunning())
        return QDialog::reject();
    m_job.cancel();
    setPhase(Phase::Ending);
}

void EvaluateDialog::start()
{
    std::vector<MeasuredModel> models;
    for (std::size_t i = 0; i < m_models.size(); ++i)
        if (m_choices[i]->isChecked())
            models.push_back(m_models[i]);
    EvaluationRequest request = requestOf(m_record);
    request.spec.suite = m_suite->currentData().toString().toStdString();
    request.spec.maxSamples = m_samples->value();
    request.spec.generate = m_generate->isChecked();
    m_progress->setValue(0);
    setPhase(Phase::Measuring);
    m_job.start(
        [models, request](CancellableJob::Course& course) {
            return measureModels(models, request,
                                 [&](double share) { return course.proceed(share); });
        },
        [this](Result<std::vector<Evaluation>> measured) { take(std::move(measured)); });
}

void EvaluateDialog::take(Result<std::vector<Evaluation>> measured)
{
    if (!measured || measured->empty()) { // failed, or cancelled
        setPhase(Phase::Idle);
        if (!measured)
            report(measured.error());
        return;
    }
    setPhase(Phase::Saving);
    m_services.history.addEvaluations(this, m_record.run.id, std::move(measured).value(),
                                      [this](const Status& status) { saved(status); });
}

void EvaluateDialog::saved(const Status& status)
{
    setPhase(Phase::Idle);
    if (!status)
        return report(status.error());
    m_services.messages.show(MessageKind::Success,
                             tr("The models of \u201c%1\u201d were measured.")
                                 .arg(QString::fromStdString(m_record.run.name)));
    accept();
}

void EvaluateDialog::report(const Error& error)
{
    m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
}

void EvaluateDialog::updateStart()
{
    const bool any =
        std::ranges::any_of(m_choices, [](const QCheckBox* choice) { return choice->isChecked(); });
    m_start->setEnabled(any && m_phase == Phase::Idle);
    m_start->setToolTip(any ? QString() : tr("Choose a model to measure."));
}

void EvaluateDialog::setPhase(Phase phase)
{
    m_phase = phase;
    const bool busy = phase != Phase::Idle;
    for (std::size_t i = 0; i < m_models.size(); ++i)
        m_choices[i]->setEnabled(!busy && !m_models[i].refusal);
    for (QWidget* part : {static_cast<QWidget*>(m_suite), static_cast<QWidget*>(m_samples),
                          static_cast<QWidget*>(m_generate)})
        part->setEnabled(!busy);
    m_progress->setVisible(busy);
    m_phaseText->setVisible(busy);
    m_phaseText->setText(phase == Phase::Measuring ? tr("Measuring\u2026")
                         : phase == Phase::Saving  ? tr("Saving\u2026")
                         : phase == Phase::Ending  ? tr("Ending\u2026")
                                                   : QString());
    m_cancel->setEnabled(phase == Phase::Idle || phase == Phase::Measuring);
    m_cancel->setText(busy ? tr("Cancel") : tr("Close"));
    updateStart();
}

void EvaluateDialog::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QDialog::changeEvent(event);
}

void EvaluateDialog::retranslate()
{
    setWindowTitle(tr("Evaluate \u201c%1\u201d").arg(QString::fromStdString(m_record.run.name)));
    m_explanation->setText(
        tr("Measures the models of this run with every metric on its corpora, and files the "
           "values under the run. Models that are compared should be measured together: the same "
           "samples are then behind all of them."));
    for (std::size_t i = 0; i < m_models.size(); ++i) {
        m_choices[i]->setText(modelName(m_models[i].role));
        m_facts[i]->setText(m_models[i].refusal ? errorText(*m_models[i].refusal)
                                                : QDir::toNativeSeparators(
                                                      QString::fromStdString(m_models[i].folder)));
    }
    m_suiteTitle->setText(tr("Suite"));
    m_samplesTitle->setText(tr("Samples of each set, at most"));
    m_samples->setAccessibleName(m_samplesTitle->text());
    m_generate->setText(
        tr("Let the models write answers, for the metrics that read them (slower)"));
    m_progress->setAccessibleName(tr("Progress"));
    setPhase(m_phase);
}

} // namespace lacuna
