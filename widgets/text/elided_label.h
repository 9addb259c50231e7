#pragma once

#include <QLabel>

namespace lacuna {

/// One line that gives way where there is no room; the whole text is the tool tip.
class ElidedLabel : public QLabel {
    Q_OBJECT

public:
    explicit ElidedLabel(Qt::TextElideMode mode, QWidget* parent = nullptr);

    [[nodiscard]] QSize minimumSizeHint() const override;
    void setFullText(const QString& text, const QString& toolTip = {});
    [[nodiscard]] const QString& fullText() const { return m_text; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void elide();

    Qt::TextElideMode m_mode;
    QString m_text;
};

} // namespace lacuna
