#pragma once

#include "core/store/records.h"

#include <QWidget>

#include <vector>

class QFormLayout;
class QLabel;
class QTableWidget;

namespace lacuna {

/// How a run went: its ending, what it was made of, and where it was interrupted.
class FactsView : public QWidget {
    Q_OBJECT

public:
    explicit FactsView(QWidget* parent = nullptr);

    void setRun(const Run& run, const std::vector<Interruption>& interruptions);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void addFacts();
    void addFact(const QString& title, const QString& value);
    void addFile(const QString& title, const HashedPath& file);
    void showInterruptions();

    Run m_run;
    std::vector<Interruption> m_interruptions;
    QFormLayout* m_facts;
    QLabel* m_interruptionsTitle;
    QTableWidget* m_table;
    QLabel* m_uninterrupted;
};

} // namespace lacuna
