#pragma once

#include "core/base/json.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <QProcess>
#include <QTemporaryDir>

#include <filesystem>
#include <string>
#include <vector>

namespace lacuna {

struct Outcome {
    int code = -1; ///< -1: it did not end by itself
    std::string out;
    std::string err;

    /// stdout as JSON lines; null stands for one that is none.
    [[nodiscard]] std::vector<Json> lines() const
    {
        std::vector<Json> lines;
        for (const std::string& line : split(out, '\n'))
            if (!line.empty())
                lines.push_back(Json::accept(line) ? Json::parse(line) : Json());
        return lines;
    }
    /// The only line; null when there is another number of them.
    [[nodiscard]] Json line() const
    {
        const std::vector<Json> all = lines();
        return all.size() == 1 ? all.front() : Json();
    }
};

/// The built program in a home of its own.
class LacunaCli {
public:
    [[nodiscard]] Outcome call(const std::vector<std::string>& words) const
    {
        QProcess process;
        start(process, words);
        return finish(process);
    }

    /// For what a test does while it runs.
    void start(QProcess& process, const std::vector<std::string>& words) const
    {
        QStringList arguments;
        for (const std::string& word : words)
            arguments.append(QString::fromStdString(word));
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_DATA_HOME"), m_home.path());
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(PROGRAM_DIR "/lacuna-cli"), arguments);
    }

    [[nodiscard]] static Outcome finish(QProcess& process)
    {
        const bool ended = process.waitForFinished(60'000);
        const bool exited = ended && process.exitStatus() == QProcess::NormalExit;
        return {exited ? process.exitCode() : -1, process.readAllStandardOutput().toStdString(),
                process.readAllStandardError().toStdString()};
    }

    [[nodiscard]] std::filesystem::path home() const { return m_home.path().toStdString(); }

private:
    QTemporaryDir m_home;
};

} // namespace lacuna
