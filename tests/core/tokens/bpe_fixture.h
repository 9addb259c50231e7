#pragma once

#include "core/tokens/tokenizer_json.h"
#include "sentencepiece_fixture.h"

#include <QTemporaryDir>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lacuna::test {

using Ids = std::vector<std::int64_t>;

inline constexpr EncodeOptions kBare{.addBos = false};

inline std::filesystem::path rulesFolder()
{
    return tokensFolder() / "bpe-rules";
}

/// "byte" is byte-level, with 256 bytes, 260 merges and a piece that no merge makes; "mark" is in
/// sentencepiece's manner, with "<unk>", "<s>", "</s>" and byte pieces.
inline Json baseTokenizer(const std::string& name)
{
    return Json::parse(fileBytes(rulesFolder() / (name + ".json")));
}

/// The base with keys of its own; of "model" only what differs is there.
inline Json changed(Json tokenizer, const Json& keys)
{
    for (const auto& [key, value] : keys.items()) {
        if (key == "model")
            tokenizer[key].update(value);
        else
            tokenizer[key] = value;
    }
    return tokenizer;
}

inline Result<std::shared_ptr<const BpeTokenizer>> read(const Json& tokenizer)
{
    return readTokenizerJson(tokenizer.dump(), "no-such-folder/tokenizer.json");
}

inline QByteArray shown(const Ids& ids)
{
    QByteArray line;
    for (const std::int64_t id : ids)
        line += QByteArray::number(static_cast<qlonglong>(id)) + ' ';
    return line;
}

/// A model folder that lasts as long as this.
class TokenizerFolder {
public:
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    void write(const char* name, std::string_view text) const { writeBytes(path() / name, text); }

private:
    QTemporaryDir m_folder;
};

/// Compares with "text" and "ids" of each line of a file. \return what differs, empty: nothing
inline QByteArray difference(const Tokenizer& tokenizer, const std::filesystem::path& expectedIds)
{
    for (const std::string& line : split(fileBytes(expectedIds), '\n')) {
        if (line.empty())
            continue;
        const Json expected = Json::parse(line);
        const Ids ids = tokenizer.encode(expected.at("text").get<std::string>(), kBare);
        if (ids != expected.at("ids").get<Ids>())
            return QByteArray::fromStdString(line) + "\n" + shown(ids);
    }
    return {};
}

} // namespace lacuna::test
