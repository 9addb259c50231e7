#pragma once

#include <QLocalServer>
#include <QObject>
#include <QStringList>

namespace lacuna {

/// One window a data folder: a second start hands its arguments to the first and ends.
class SingleInstance : public QObject {
    Q_OBJECT

public:
    /// \param dataFolder  what the instances share; absolute
    explicit SingleInstance(const QString& dataFolder, QObject* parent = nullptr);

    /// \return true when another instance lives and has taken \p arguments
    [[nodiscard]] bool handOver(const QStringList& arguments);
    /// Listens for later starts. A dead instance's socket is taken over.
    void listen();

Q_SIGNALS:
    /// A later start came, from this program's user.
    void startedAgain(const QStringList& arguments);

private:
    void receive();

    QString m_name;
    QLocalServer m_server;
};

} // namespace lacuna
