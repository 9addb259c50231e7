#pragma once

#include "app/export/export_job.h"

#include <QWidget>

#include <array>
#include <optional>

class QButtonGroup;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QRadioButton;

namespace lacuna {

class NoteLine;
class PathPicker;
class Settings;

/// What to export, in which form and where to, as a person chooses it. What a run cannot give is
/// disabled and says why. Starts with the choices of the last export.
class ExportChoices : public QWidget {
    Q_OBJECT

public:
    explicit ExportChoices(Settings& settings, QWidget* parent = nullptr);

    /// What there is to choose from; nothing can be chosen before.
    void setOffer(const ExportOffer& offer);
    [[nodiscard]] ExportChoice choice() const;
    [[nodiscard]] ExportPlace place() const;
    /// What of it is not in order; empty: all is.
    [[nodiscard]] QString problem() const;
    /// The name that \p place() became when it may be renamed.
    void showName(const QString& name);
    void setFolder(const QString& folder);
    /// For the next export.
    void remember();

Q_SIGNALS:
    /// By the person.
    void changed();
    void folderRequested(const QString& start);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Option {
        QRadioButton* button = nullptr;
        QLabel* help = nullptr;
        QString text = {}; ///< of the help while it can be chosen
    };

    [[nodiscard]] Option addOption(const char* name, QButtonGroup* group);
    void addRow(QLabel*& title, QWidget* field);
    void restore();
    void choose();
    void showOptions();
    void setOption(Option& option, const QString& refusal);
    void fillTypes();
    void proposeName();
    [[nodiscard]] ExportForm form() const;
    [[nodiscard]] bool isAdapter() const;
    void retranslate();

    Settings& m_settings;
    std::optional<ExportOffer> m_offer;
    bool m_named = false; ///< the person has given a name
    QGridLayout* m_grid = nullptr;
    int m_row = 0;
    QLabel* m_whatTitle = nullptr;
    QButtonGroup* m_what = nullptr;
    Option m_model;
    Option m_adapter;
    NoteLine* m_reversible = nullptr;
    QLabel* m_formTitle = nullptr;
    QButtonGroup* m_form = nullptr;
    std::array<Option, 3> m_forms; ///< Folder, Gguf, Delta
    QLabel* m_typeTitle = nullptr;
    QComboBox* m_type = nullptr;
    QLabel* m_shardTitle = nullptr;
    QComboBox* m_shard = nullptr;
    PathPicker* m_folder = nullptr;
    QLabel* m_nameTitle = nullptr;
    QLineEdit* m_name = nullptr;
};

} // namespace lacuna
