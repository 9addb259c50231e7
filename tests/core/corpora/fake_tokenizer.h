#pragma once

#include "core/tokens/tokenizer.h"

#include <cctype>
#include <map>

namespace lacuna {

/// A token a word, with the space in front of it, and a token for every other byte: the borders of
/// real tokenizers without their files. "</s>" is EOS. Ids are handed out in order of appearance,
/// from 3 on.
class FakeTokenizer : public Tokenizer {
public:
    bool bos = true;
    bool eos = true;
    /// Joins a colon with the word behind it, as a merge across the border of prompt and answer.
    bool mergesColons = false;

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                   EncodeOptions options = {}) const override
    {
        std::vector<std::int64_t> ids;
        if (bos && options.addBos)
            ids.push_back(bosId());
        for (std::size_t begin = 0; begin < text.size();) {
            if (eos && options.parseSpecial && text.substr(begin).starts_with(kEos)) {
                ids.push_back(eosId());
                begin += kEos.size();
                continue;
            }
            std::size_t end = begin + 1;
            const bool leads = text[begin] == ' ' || (mergesColons && text[begin] == ':');
            if (leads || isWord(text[begin]))
                while (end < text.size() && isWord(text[end]))
                    ++end;
            ids.push_back(idOf(std::string(text.substr(begin, end - begin))));
            begin = end;
        }
        return ids;
    }
    [[nodiscard]] std::string decode(const std::vector<std::int64_t>& ids) const override
    {
        std::string text;
        for (const std::int64_t id : ids)
            text += id < 3 ? std::string() : piece(id);
        return text;
    }
    [[nodiscard]] std::string piece(std::int64_t id) const override
    {
        return id == eosId() ? std::string(kEos) : m_pieces.at(static_cast<std::size_t>(id - 3));
    }
    [[nodiscard]] std::string pieceText(std::int64_t id) const override
    {
        return id < 3 ? std::string(id == eosId() ? kEos : "") : FakeTokenizer::piece(id);
    }
    [[nodiscard]] bool isSpecial(std::int64_t id) const override { return id == eosId(); }
    [[nodiscard]] std::int64_t vocabularySize() const override { return 100; }
    [[nodiscard]] std::int64_t bosId() const override { return bos ? 1 : -1; }
    [[nodiscard]] std::int64_t eosId() const override { return eos ? 2 : -1; }
    [[nodiscard]] bool addsBos() const override { return bos; }
    [[nodiscard]] std::string kind() const override { return "fake"; }
    [[nodiscard]] const std::string& hash() const override { return m_hash; }

private:
    static constexpr std::string_view kEos = "</s>";

    static bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

    std::int64_t idOf(const std::string& word) const
    {
        const auto [found, isNew] =
            m_ids.emplace(word, static_cast<std::int64_t>(m_pieces.size()) + 3);
        if (isNew)
            m_pieces.push_back(word);
        return found->second;
    }

    mutable std::map<std::string, std::int64_t> m_ids;
    mutable std::vector<std::string> m_pieces;
    std::string m_hash;
};

} // namespace lacuna
