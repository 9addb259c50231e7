#pragma once

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <QString>
#include <QWidget>

#include <string>
#include <vector>

class QCheckBox;

namespace lacuna {

class ParamForm;

/// The recipe's "controls" list: every guard and early stop of the catalogue, on or off, with its
/// parameters.
class ControlsSection : public QWidget {
    Q_OBJECT

public:
    explicit ControlsSection(QWidget* parent = nullptr);

    /// Silent; leaves equal input alone.
    void setControls(const Json& list);
    [[nodiscard]] Json controls() const;
    [[nodiscard]] QString problem() const;

Q_SIGNALS:
    void changed();

private:
    struct Entry {
        std::string id;
        QCheckBox* box = nullptr;
        ParamForm* params = nullptr;
    };

    std::vector<Entry> m_entries;
};

} // namespace lacuna
