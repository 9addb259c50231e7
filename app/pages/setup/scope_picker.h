#pragma once

#include "core/base/result.h"
#include "core/models/config.h"
#include "core/run/recipe.h"

#include <QWidget>

#include <optional>
#include <string>

class QAction;
class QLabel;
class QTreeView;

namespace lacuna {

class Background;
class Fold;
class NoteLine;
class SaliencyPanel;
class ScopeModel;
class Workspace;

/// The scope of the workspace's recipe as ticks in the model's own tree of parts. Reads the model's
/// config when it is unfolded, and follows the recipe from then on. Shows where the forget set lies
/// once that was found.
class ScopePicker : public QWidget {
    Q_OBJECT

public:
    ScopePicker(Workspace& workspace, Background& background, QWidget* parent = nullptr);

    void follow(const Recipe& recipe);
    /// What the person has ticked that no recipe can say; empty: nothing.
    [[nodiscard]] QString problem() const;

Q_SIGNALS:
    /// problem() may be another one.
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QAction* addAction(const char* name, void (ScopePicker::*trigger)());
    void chooseAll();
    void chooseAttention();
    void chooseMlp();
    void chooseFrom();
    void toggled(bool open);
    void read(const Recipe& recipe);
    void take(const Result<DecoderConfig>& config);
    void showScope();
    void showSaliency();
    void chooseSuggestion();
    void write();
    void showState();
    void updateActions();
    void retranslate();

    Workspace& m_workspace;
    Background& m_background;
    ScopeModel* m_model;
    std::string m_source;             ///< of the model that is shown or read; empty: none
    std::optional<ScopeSpec> m_scope; ///< that is shown; nothing: none yet
    std::optional<DecoderConfig> m_config;
    QString m_trouble;      ///< why the model or the scope cannot be shown
    bool m_isEmpty = false; ///< the person has unticked everything
    Fold* m_fold;
    QWidget* m_buttons;
    QAction* m_all;
    QAction* m_attention;
    QAction* m_mlp;
    QAction* m_from;
    QTreeView* m_tree;
    QLabel* m_sum;
    NoteLine* m_note;
    SaliencyPanel* m_saliency;
};

} // namespace lacuna
