#pragma once

#include "core/store/records.h"
#include "widgets/base/colors.h"

#include <QPixmap>
#include <QString>
#include <QWidget>

/// How the models are told apart everywhere: name, letter, shape and colour (interface
/// reference 6.1).
namespace lacuna {

/// "Original", "Unlearned", "Reference", "Original + guardrail".
[[nodiscard]] QString modelName(ModelRole role);
/// For lines and shapes.
[[nodiscard]] ColorRole modelColor(ModelRole role);
/// For text of body size.
[[nodiscard]] ColorRole modelTextColor(ModelRole role);

/// Circle with O, square with U, diamond with R, hexagon with G.
class ModelMark : public QWidget {
    Q_OBJECT

public:
    explicit ModelMark(ModelRole role, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    ModelRole m_role;
};

} // namespace lacuna
