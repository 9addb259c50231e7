#pragma once

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokens/sentencepiece_library.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

/// Ends the test with a message where the module cannot be loaded, as some sanitizers ask.
#define SKIP_WITHOUT_SENTENCEPIECE()                                                               \
    if (const lacuna::Status available = lacuna::sentencePieceAvailable(); !available)             \
    QSKIP(available.error().text().c_str())

namespace lacuna::test {

inline std::filesystem::path tokensFolder()
{
    return std::filesystem::path(TEST_DATA_DIR) / "tokens";
}

inline std::string fileBytes(const std::filesystem::path& path)
{
    return readTextFile(path).value();
}

inline void writeBytes(const std::filesystem::path& path, std::string_view bytes)
{
    writeFileAtomically(path, bytes).value();
}

} // namespace lacuna::test
