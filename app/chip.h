#pragma once

#include <QToolButton>

namespace lacuna {

/// One of the facts that define an experiment, always in sight: what it is and which file or folder
/// it is. A place to drop another one on.
class Chip : public QToolButton {
    Q_OBJECT

public:
    explicit Chip(QWidget* parent = nullptr);

    /// \param label  "Model"
    /// \param path   empty: none is chosen
    void setFact(const QString& label, const QString& path);

Q_SIGNALS:
    void dropped(const QString& path);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
};

} // namespace lacuna
