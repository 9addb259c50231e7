#pragma once

#include <span>
#include <string_view>

namespace lacuna {

/// A file of resources/suites, built into the program so that no installation can lack it.
struct SuiteFile {
    const char* name;
    std::string_view text;
};

[[nodiscard]] std::span<const SuiteFile> suiteFiles();

} // namespace lacuna
