#pragma once

#include <QWidget>

class QComboBox;
class QLabel;

namespace lacuna {

class Workspace;

/// Offers the presets: choosing one puts its values into the recipe, and says where they come from.
class PresetRow : public QWidget {
    Q_OBJECT

public:
    explicit PresetRow(Workspace& workspace, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void apply();
    void retranslate();

    Workspace& m_workspace;
    QLabel* m_name;
    QComboBox* m_presets;
    QLabel* m_note;
};

} // namespace lacuna
