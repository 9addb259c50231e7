#pragma once

#include "core/base/json.h"
#include "core/base/params.h"

#include <nlohmann/json.hpp>

#include <QString>
#include <QWidget>

#include <map>
#include <string>
#include <vector>

class QVBoxLayout;

namespace lacuna {

class ParamField;

/// A form made from parameter specs, as catalogue entries carry them. Every value can be typed,
/// reset and read about; what is out of range is said in place.
class ParamForm : public QWidget {
    Q_OBJECT

public:
    enum class Which : std::uint8_t {
        All,
        Changed, ///< only those that differ from their default
    };

    explicit ParamForm(QWidget* parent = nullptr);

    /// Fields for \p specs, at their defaults. A spec that was there before keeps its value when
    /// that is still in order.
    /// \param titles  by parameter name, where the title made from the name will not do
    void setSpecs(const std::vector<ParamSpec>& specs,
                  const std::map<std::string, QString>& titles = {});
    /// Keys that name no parameter and values that a parameter refuses are left out; a parameter
    /// without a key gets its default. Emits nothing and leaves equal input as it is.
    void setValues(const Json& object);

    [[nodiscard]] Json values(Which which = Which::All) const;
    [[nodiscard]] bool isEmpty() const { return m_fields.empty(); }
    [[nodiscard]] bool isValid() const;
    /// Of the first field that is not in order: "Learning rate: this must be ..."; or empty.
    [[nodiscard]] QString problem() const;

Q_SIGNALS:
    /// By the person.
    void changed();

private:
    std::vector<ParamField*> m_fields;
    QVBoxLayout* m_layout = nullptr;
};

} // namespace lacuna
