#pragma once

#include "core/base/result.h"
#include "core/base/text.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna {

/// A fixed list of named entries. `Entry` has a `std::string id`, which is written into files and
/// never renamed. A duplicate id is a broken promise of the program and throws at start-up.
template <class Entry> class Catalog {
public:
    /// \param noun  what an entry is, for messages: "method"
    Catalog(std::string noun, std::vector<Entry> entries)
        : m_noun(std::move(noun)), m_entries(std::move(entries))
    {
        for (std::size_t i = 0; i < m_entries.size(); ++i)
            for (std::size_t j = i + 1; j < m_entries.size(); ++j)
                if (m_entries[i].id == m_entries[j].id)
                    throw std::logic_error("duplicate " + m_noun + " " + m_entries[i].id);
    }

    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }

    [[nodiscard]] std::vector<std::string> ids() const
    {
        std::vector<std::string> ids;
        for (const Entry& entry : m_entries)
            ids.push_back(entry.id);
        return ids;
    }

    /// NotFound with the nearest or all known ids. The pointer lives as long as the catalogue.
    [[nodiscard]] Result<const Entry*> find(std::string_view id) const
    {
        for (const Entry& entry : m_entries)
            if (entry.id == id)
                return &entry;
        const auto nearest = nearestName(id, ids());
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no " + m_noun + " \"" + std::string(id) + "\"",
                     .remedy = nearest ? "did you mean \"" + *nearest + "\"?"
                                       : "known ones: " + join(ids(), ", ")};
    }

private:
    std::string m_noun;
    std::vector<Entry> m_entries;
};

} // namespace lacuna
