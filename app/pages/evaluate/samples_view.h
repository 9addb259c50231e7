#pragma once

#include "app/pages/evaluate/sample_rows.h"

#include <QWidget>

#include <optional>
#include <vector>

class QLabel;
class QLineEdit;
class QTableView;

namespace lacuna {

class NoteLine;
class SampleModel;
class SampleOrder;

/// The samples behind a number, worst first: to sort, to filter and to read in full.
class SamplesView : public QWidget {
    Q_OBJECT

public:
    explicit SamplesView(QWidget* parent = nullptr);

    /// \param texts  what became of reading the corpus
    /// \param role   whose number was asked for
    void setSamples(const MetricRow& row, ModelRole role, std::vector<SampleRow> samples,
                    const CorpusTexts& texts);
    /// No samples; \p text says why, or what is being waited for.
    void clear(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeDetails();
    void sortWorstFirst();
    void showOrder();
    void showTexts();
    void showSample();
    void retranslate();

    struct Asked {
        MetricRow row;
        ModelRole role = ModelRole::Current;
        CorpusTexts::State state = CorpusTexts::State::Unknown;
        std::string path;
    };
    std::optional<Asked> m_asked;
    SampleModel* m_model;
    SampleOrder* m_order;
    QLabel* m_title;
    QLineEdit* m_filter;
    QLabel* m_count;
    NoteLine* m_note;
    QTableView* m_table;
    QWidget* m_content;
    QLabel* m_empty;
    std::array<QLabel*, 5> m_names{}; ///< question, true answer, then answers by ModelRole
    std::array<QLabel*, 5> m_texts{};
};

} // namespace lacuna
