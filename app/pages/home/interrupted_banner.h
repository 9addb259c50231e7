#pragma once

#include <QFrame>
#include <QString>

#include <optional>

class QLabel;
class QPushButton;

namespace lacuna {

/// Offers to take up a run that was going when the program ended.
class InterruptedBanner : public QFrame {
    Q_OBJECT

public:
    struct Content {
        QString name;
        qint64 step = 0;
        qint64 totalSteps = 0;
        std::optional<qint64> checkpoint; ///< step of the newest one
    };

    explicit InterruptedBanner(QWidget* parent = nullptr);

    void setContent(const Content& content);
    /// \param reason  why not; empty: it can be continued
    void setCannotContinue(const QString& reason);

Q_SIGNALS:
    void continueRequested();
    void keepRequested();
    void discardRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void drawIcon();

    Content m_content;
    QLabel* m_icon;
    QLabel* m_text;
    QPushButton* m_continue;
    QPushButton* m_keep;
    QPushButton* m_discard;
};

} // namespace lacuna
