#pragma once

#include "widgets/form/calm_combo_box.h"

#include <QList>
#include <QString>

#include <string>

namespace lacuna {

/// "ChatML", "the model's own template": what an id in promptFormats() or kModelTemplate is called
/// within a sentence.
[[nodiscard]] QString promptTemplateTitle(const std::string& id);

/// A choice of how questions are worded: the formats of the catalogue, the model's own template,
/// and what the owner puts before them.
class PromptTemplateBox : public CalmComboBox {
    Q_OBJECT

public:
    struct Entry {
        QString id;
        QString title;
        QString help;
    };

    explicit PromptTemplateBox(QWidget* parent = nullptr);

    /// Entries of the owner's that stand first. Keeps the choice.
    void setFirst(const QList<Entry>& entries);
    /// \param reason  why the model's own template cannot be chosen; empty: it can
    void setModelTemplate(const QString& reason);
    [[nodiscard]] QString id() const { return currentData().toString(); }
    /// Silent but for currentIndexChanged(). An unknown id leaves no choice.
    void setId(const QString& id);
    /// What the choice means, in a sentence or two.
    [[nodiscard]] QString help() const { return currentData(Qt::ToolTipRole).toString(); }

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();
    void showModelTemplate();

    QList<Entry> m_first;
    QString m_noModelTemplate;
};

} // namespace lacuna
