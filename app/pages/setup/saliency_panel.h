#pragma once

#include "app/cancellable_job.h"
#include "core/base/result.h"
#include "core/run/recipe.h"
#include "core/run/saliency_map.h"

#include <QWidget>

#include <optional>
#include <string>

class QLabel;
class QProgressBar;
class QToolButton;

namespace lacuna {

class HeatGrid;
class NoteLine;

/// Finds where in the model the forget set lies: a button that searches, the map of blocks, and the
/// scope that it suggests. A map is of the model and the corpora that it was made of: as soon as
/// the recipe names others it is dropped, which the panel says.
class SaliencyPanel : public QWidget {
    Q_OBJECT

public:
    explicit SaliencyPanel(QWidget* parent = nullptr);

    void follow(const Recipe& recipe);
    /// Of the recipe that is followed; nothing: none was found yet.
    [[nodiscard]] const std::optional<SaliencyMap>& map() const { return m_map; }
    /// Of map(), which must be there.
    [[nodiscard]] const ScopeSuggestion& suggestion() const { return m_suggestion; }
    /// Whether the suggestion can be ticked yet.
    void setAcceptable(bool acceptable);

Q_SIGNALS:
    /// There is another map, or none any more.
    void mapChanged();
    /// The person wants the suggestion as the scope.
    void suggestionAccepted();

protected:
    void changeEvent(QEvent* event) override;

private:
    /// How the last search ended, or why it no longer counts.
    enum class Ending : std::uint8_t { None, Found, Cancelled, Failed, Stale };

    void search();
    void take(const Result<std::optional<SaliencyMap>>& found);
    void showState();
    void showMap();
    [[nodiscard]] QString obstacle() const;
    [[nodiscard]] QString unitsText() const;
    void retranslate();

    CancellableJob m_search;
    Recipe m_recipe;
    std::string m_key; ///< what of m_recipe a map depends on
    std::optional<SaliencyMap> m_map;
    ScopeSuggestion m_suggestion;
    Ending m_ending = Ending::None;
    QString m_failure; ///< of a search that failed

    QLabel* m_title;
    QLabel* m_help;
    QToolButton* m_find;
    QProgressBar* m_progress;
    QToolButton* m_cancel;
    QToolButton* m_accept;
    NoteLine* m_note;
    QLabel* m_result;
    HeatGrid* m_grid;
    QLabel* m_legend;
};

} // namespace lacuna
