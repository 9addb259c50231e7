#pragma once

#include "app/pages/setup/setup_card.h"
#include "core/models/inspection.h"
#include "widgets/form/path_picker.h"

#include <optional>

namespace lacuna {

class FactTable;

/// Which model: its folder, what its headers tell, and the optional reference.
class ModelCard final : public SetupCard {
    Q_OBJECT

public:
    explicit ModelCard(Services& services, QWidget* parent = nullptr);

    void follow(const Recipe& recipe) override;
    [[nodiscard]] CheckState modelState() const;
    /// Why the model cannot be used; empty when it can.
    [[nodiscard]] QString problem() const;

protected:
    void retranslate() override;

private:
    /// One picker and what was read of its folder.
    struct Place {
        PathPicker* picker = nullptr;
        std::optional<Result<ModelInspection>> read = {}; ///< nothing while it is being read
        void (*assign)(Recipe& recipe, const std::string& path) = nullptr;
    };

    void connectPicker(Place& place);
    void choose(Place& place, const QString& path);
    void inspect(Place& place, const QString& path);
    void showPlace(Place& place);
    void showModel();
    void updateRecent();

    Place m_model;
    Place m_reference;
    bool m_isNew = false; ///< the recipe makes a model from random weights
    FactTable* m_facts = nullptr;
    QWidget* m_notes = nullptr;
};

} // namespace lacuna
