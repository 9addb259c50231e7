#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace lacuna {

/// The ids of words met before. Of bounded size: a word takes the place of another of the same
/// slot. Not for words that are long or of many tokens, which are rare. One thread at a time.
class WordCache {
public:
    WordCache() : m_slots(kSlots) {}

    /// Appends the ids of \p word to \p ids. \return false when they are not known
    bool find(std::string_view word, std::vector<std::int64_t>& ids) const
    {
        if (word.size() > kMaxBytes)
            return false;
        const Slot& slot = m_slots[slotOf(word)];
        if (slot.size != word.size() ||
            std::memcmp(slot.text.data(), word.data(), word.size()) != 0)
            return false;
        ids.insert(ids.end(), slot.ids.begin(), slot.ids.begin() + slot.count);
        return true;
    }

    /// \param ids, count  the ids of \p word, which is not empty
    void keep(std::string_view word, const std::int64_t* ids, std::size_t count)
    {
        if (word.size() > kMaxBytes || count > kMaxIds)
            return;
        Slot& slot = m_slots[slotOf(word)];
        std::memcpy(slot.text.data(), word.data(), word.size());
        slot.size = static_cast<std::uint8_t>(word.size());
        slot.count = static_cast<std::uint8_t>(count);
        for (std::size_t i = 0; i < count; ++i)
            slot.ids[i] = static_cast<std::uint32_t>(ids[i]);
    }

private:
    static constexpr std::size_t kSlots = 1U << 15; ///< 2 MiB
    static constexpr std::size_t kMaxBytes = 30;
    static constexpr std::size_t kMaxIds = 8;

    struct Slot {
        std::array<std::uint32_t, kMaxIds> ids;
        std::array<char, kMaxBytes> text;
        std::uint8_t size = 0; ///< 0: the slot is free
        std::uint8_t count = 0;
    };

    static std::size_t slotOf(std::string_view word)
    {
        return std::hash<std::string_view>()(word) % kSlots;
    }

    std::vector<Slot> m_slots;
};

} // namespace lacuna
