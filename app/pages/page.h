#pragma once

#include <QWidget>

namespace lacuna {

/// One page of the rail. A hidden page does nothing: it marks itself stale and refreshes in
/// shown().
class Page : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// Called each time the page comes to the front.
    virtual void shown() {}

Q_SIGNALS:
    /// Asks for another page by its id: "home", "setup", "run", "probe", "history" and so on.
    void pageRequested(const QString& id);
};

} // namespace lacuna
