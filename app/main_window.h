#pragma once

#include "app/actions.h"
#include "app/services.h"

#include <QMainWindow>
#include <QMap>

#include <vector>

class QMenu;
class QStackedWidget;

namespace lacuna {

class Chip;
class ComparePage;
class EvaluatePage;
class HistoryPage;
class HomePage;
class MessageBar;
class Page;
class Rail;
class ReportPage;
class RunBar;
class RunGroup;
class RunPage;
class SetupPage;
struct Error;
struct GroupEnd;

/// Creates the pages, lays them out and connects them; holds no state of an experiment.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// All of \p services outlives it but the message bar, which it takes in.
    explicit MainWindow(const Services& services);
    ~MainWindow() override;

    [[nodiscard]] Services& services() { return m_services; }
    void showPage(const QString& id);
    [[nodiscard]] Page* page(const QString& id) const;
    [[nodiscard]] QString currentPage() const;

    /// Opens the bundled finished experiment on the run page.
    void showExperiment();
    void openModel(const QString& folder);
    void openRecipe(const QString& file);

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

Q_SIGNALS:
    void pathDropped(const QString& path);

private:
    void showExperimentOn(const QString& page);
    void addPages();
    void addChips();
    // window_commands.cpp
    [[nodiscard]] std::vector<Actions::Command> commands();
    void addActions();
    void addMenus();
    void addLanguages(QMenu* menu);
    void retranslate();
    void askForModel();
    void askForRecipe();
    void askToDiscard();
    void about();

    void connectServices();
    void connectGroup();
    void startRun();
    void askToClose();
    void tellGroupEnd(const GroupEnd& end);
    void report(const Error& error);
    void updateActions();
    void updateChips();
    void saveLayout();
    void restoreLayout();

    MessageBar* m_messages;
    Services m_services;
    RunGroup* m_group;
    Rail* m_rail;
    QStackedWidget* m_stack;
    QMap<QString, Page*> m_pages;
    HomePage* m_home = nullptr;
    HistoryPage* m_historyPage = nullptr;
    ReportPage* m_reportPage = nullptr;
    EvaluatePage* m_evaluatePage = nullptr;
    ComparePage* m_comparePage = nullptr;
    RunPage* m_runPage = nullptr;
    SetupPage* m_setupPage = nullptr;
    Chip* m_modelChip;
    Chip* m_forgetChip;
    Chip* m_retainChip;
    bool m_closing = false; ///< closes when the run has stopped
};

} // namespace lacuna
