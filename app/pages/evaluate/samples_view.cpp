#include "app/pages/evaluate/samples_view.h"

#include "app/pages/evaluate/sample_model.h"
#include "app/scores/metric_text.h"
#include "widgets/base/theme.h"
#include "widgets/form/note_line.h"
#include "widgets/table/plain_table.h"
#include "widgets/text/model_mark.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTextWidth = 180;
constexpr int kDetailsWidth = 320;

QTableView* newTable(QAbstractItemModel* model)
{
    auto* table = new QTableView;
    table->setObjectName(u"samplesTable"_s);
    table->setModel(model);
    dressPlainly(*table);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setSortingEnabled(true);
    return table;
}

} // namespace

SamplesView::SamplesView(QWidget* parent)
    : QWidget(parent), m_model(new SampleModel(this)), m_order(new SampleOrder(this)),
      m_title(new QLabel), m_filter(new QLineEdit), m_count(secondaryText({})),
      m_note(new NoteLine), m_empty(secondaryText({}))
{
    m_order->setSourceModel(m_model);
    m_table = newTable(m_order);
    m_title->setObjectName(u"samplesTitle"_s);
    m_title->setWordWrap(true);
    m_filter->setObjectName(u"samplesFilter"_s);
    m_filter->setClearButtonEnabled(true);
    m_filter->setFixedWidth(220);
    m_count->setWordWrap(false);
    m_count->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Preferred);
    m_note->setObjectName(u"samplesNote"_s);
    m_empty->setObjectName(u"samplesEmpty"_s);
    m_empty->setAlignment(Qt::AlignCenter);

    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_title, 1);
    top->addWidget(m_count);
    top->addWidget(m_filter);
    auto* splitter = new QSplitter;
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(12);
    splitter->addWidget(m_table);
    splitter->addWidget(makeDetails());
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
    m_content = new QWidget;
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addLayout(top);
    column->addWidget(m_note);
    column->addWidget(splitter, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_content);
    layout->addWidget(m_empty, 1);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_order->setWords(text);
        showOrder();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &SamplesView::showSample);
    connect(m_table->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this,
            &SamplesView::showOrder);
    retranslate();
    clear({});
}

QWidget* SamplesView::makeDetails()
{
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(8, 0, 8, 8);
    column->setSpacing(4);
    constexpr std::array<const char*, 5> kNames = {
        "sampleQuestion", "sampleTruth", "sampleOriginal", "sampleUnlearned", "sampleReference"};
    for (std::size_t i = 0; i < m_texts.size(); ++i) {
        m_names[i] = secondaryText({});
        m_texts[i] = new QLabel;
        m_texts[i]->setObjectName(QString::fromLatin1(kNames[i]));
        m_texts[i]->setTextFormat(Qt::PlainText);
        m_texts[i]->setWordWrap(true);
        m_texts[i]->setTextInteractionFlags(Qt::TextSelectableByMouse |
                                            Qt::TextSelectableByKeyboard);
        column->addWidget(m_names[i]);
        column->addWidget(m_texts[i]);
        column->addSpacing(4);
    }
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setMinimumWidth(kDetailsWidth);
    scroll->setWidget(content);
    return scroll;
}

void SamplesView::clear(const QString& text)
{
    m_asked.reset();
    m_model->setRows({});
    m_empty->setText(text);
    m_empty->show();
    m_content->hide();
}

void SamplesView::setSamples(const MetricRow& row, ModelRole role, std::vector<SampleRow> samples,
                             const CorpusTexts& texts)
{
    m_asked = Asked{.row = row, .role = role, .state = texts.state, .path = texts.path};
    const auto hasText = [&](auto text) { return std::ranges::any_of(samples, text); };
    const bool questions = hasText([](const SampleRow& one) { return !one.question.empty(); });
    const bool answers = hasText([](const SampleRow& one) {
        return !one.answers[static_cast<std::size_t>(ModelRole::Current)].empty();
    });
    const bool reference = row.source(ModelRole::Reference).has_value();
    m_model->setRows(std::move(samples));
    m_table->setColumnHidden(SampleModel::Question, !questions);
    m_table->setColumnHidden(SampleModel::Answer, !answers);
    m_table->setColumnHidden(SampleModel::Reference, !reference);
    for (int column = 0; column < SampleModel::ColumnCount; ++column)
        m_table->resizeColumnToContents(column);
    for (const int column : {SampleModel::Question, SampleModel::Truth, SampleModel::Answer})
        m_table->setColumnWidth(column, kTextWidth);
    m_empty->hide();
    m_content->show();
    sortWorstFirst();
    showTexts();
    m_table->selectRow(0);
    showSample();
}

/// By the direction that is good on this set: what is furthest from it comes first.
void SamplesView::sortWorstFirst()
{
    const std::optional<Direction> good = goodDirection(m_asked->row.set, m_asked->row.metric);
    const SampleModel::Column column = m_asked->role == ModelRole::Original ? SampleModel::Before
                                       : m_asked->role == ModelRole::Reference
                                           ? SampleModel::Reference
                                           : SampleModel::After;
    m_table->sortByColumn(column,
                          good == Direction::Higher ? Qt::AscendingOrder : Qt::DescendingOrder);
    showOrder();
}

void SamplesView::showOrder()
{
    if (!m_asked)
        return;
    const MetricRow& row = m_asked->row;
    const std::optional<Direction> good = goodDirection(row.set, row.metric);
    const QHeaderView& header = *m_table->horizontalHeader();
    const int column = header.sortIndicatorSection();
    const bool falling = header.sortIndicatorOrder() == Qt::DescendingOrder;
    const bool ofValue = column == SampleModel::Before || column == SampleModel::After ||
                         column == SampleModel::Reference;
    const QString order =
        !ofValue ? tr("by \u201c%1\u201d")
                       .arg(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString())
        : good && (*good == Direction::Lower) == falling ? tr("worst first")
        : good                                           ? tr("best first")
        : falling                                        ? tr("highest first")
                                                         : tr("lowest first");
    m_title->setText(tr("%1, %2, %3").arg(metricText(row.metric).title, setTitle(row.set), order));
    const QLocale locale;
    m_count->setText(
        m_order->rowCount() == m_model->rowCount()
            ? tr("%n samples", nullptr, m_model->rowCount())
            : tr("%1 of %2 samples")
                  .arg(locale.toString(m_order->rowCount()), locale.toString(m_model->rowCount())));
}

/// Why texts are missing, if they are.
void SamplesView::showTexts()
{
    if (!m_asked)
        return;
    const QString path = QString::fromStdString(m_asked->path);
    using State = CorpusTexts::State;
    QString text;
    switch (m_asked->state) {
    case State::Read:
        break;
    case State::Unknown:
        text = tr("The record does not say which file these samples came from: questions cannot "
                  "be shown.");
        break;
    case State::Gone:
        text = tr("The corpus %1 cannot be read any more: questions cannot be shown. Put the file "
                  "back to see them.")
                   .arg(path);
        break;
    case State::Changed:
        text = tr("The corpus %1 has changed since the run: questions cannot be shown. Put the "
                  "file back as it was to see them.")
                   .arg(path);
        break;
    case State::NoTokenizer:
        text = tr("The corpus %1 was cut into windows by a tokenizer that cannot be read any more: "
                  "its texts cannot be shown.")
                   .arg(path);
        break;
    }
    m_note->setNote(MessageKind::Info, text);
    m_note->setVisible(!text.isEmpty());
}

void SamplesView::showSample()
{
    const QModelIndex current = m_order->mapToSource(m_table->currentIndex());
    if (!current.isValid()) {
        for (std::size_t i = 0; i < m_texts.size(); ++i) {
            m_names[i]->hide();
            m_texts[i]->hide();
        }
        return;
    }
    const SampleRow& row = m_model->row(current.row());
    const std::array<const std::string*, 5> texts = {&row.question, &row.truth, &row.answers[0],
                                                     &row.answers[1], &row.answers[2]};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        m_texts[i]->setText(QString::fromStdString(*texts[i]));
        m_names[i]->setVisible(!texts[i]->empty());
        m_texts[i]->setVisible(!texts[i]->empty());
    }
}

void SamplesView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void SamplesView::retranslate()
{
    m_filter->setPlaceholderText(tr("Find in the samples"));
    m_filter->setAccessibleName(tr("Words that must occur in the sample"));
    m_table->setAccessibleName(tr("Samples"));
    m_names[0]->setText(tr("Question"));
    m_names[1]->setText(tr("True answer"));
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference})
        m_names.at(2 + static_cast<std::size_t>(role))
            ->setText(tr("%1 answers").arg(modelName(role)));
    m_model->retranslate();
    showOrder();
    showTexts();
}

} // namespace lacuna
