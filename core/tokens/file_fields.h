#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// The first thing found wrong with a file that describes a tokenizer.
class FileProblem {
public:
    explicit FileProblem(std::filesystem::path file) : m_file(std::move(file)) {}

    void corrupt(const std::string& key, std::string message);
    void unsupported(const std::string& key, std::string message);

    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }

private:
    std::filesystem::path m_file;
    std::optional<Error> m_error;
};

/// Reads one object of such a file. An option that nobody asks for is refused by finish(), since
/// it would change how text is split.
class FileFields {
public:
    /// \param key  where the object stands in the file, for messages: "pre_tokenizer"; empty for
    ///             the whole file. \p object and \p problem outlive this.
    FileFields(const Json& object, std::string key, FileProblem& problem);

    /// Absent and null alike give the fallback.
    bool flag(const char* name, bool fallback);
    std::string text(const char* name, std::string fallback = {});
    std::int64_t integer(const char* name, std::int64_t fallback);
    /// The value itself, or null when it is absent or null.
    const Json* child(const char* name);
    /// Names that may be there and change nothing that matters here.
    void ignore(std::initializer_list<const char*> names);
    void finish();

    [[nodiscard]] std::string keyOf(const std::string& name) const;
    void corrupt(const std::string& name, std::string message);
    void unsupported(const std::string& name, std::string message);
    [[nodiscard]] FileProblem& problem() const { return *m_problem; }

private:
    const Json* m_object;
    std::string m_key;
    FileProblem* m_problem;
    std::vector<std::string> m_known;
};

} // namespace lacuna
