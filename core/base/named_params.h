#pragma once

#include "core/base/catalog.h"
#include "core/base/params.h"

#include <functional>
#include <string>
#include <vector>

namespace lacuna {

/// An entry of a catalogue, chosen by id, with its parameters: {"id": "salun", "share": 0.2}.
struct NamedParams {
    std::string id; ///< empty: none
    ParamSet params = ParamSet();

    [[nodiscard]] Json toJson() const; ///< null: none
};

/// \param what   the object in messages: "the mask"
/// \param ids    known ones
/// \param specs  of the entry with an id, or why there is none
[[nodiscard]] Result<NamedParams>
readNamedParams(const Json& object, const std::string& what, const std::string& place,
                const std::vector<std::string>& ids,
                const std::function<Result<std::vector<ParamSpec>>(const std::string&)>& specs);

/// \p object checked against \p catalog, whose entries have `params`.
template <class Entry>
[[nodiscard]] Result<NamedParams> readNamedParams(const Catalog<Entry>& catalog, const Json& object,
                                                  const std::string& what, const std::string& place)
{
    return readNamedParams(object, what, place, catalog.ids(),
                           [&](const std::string& id) -> Result<std::vector<ParamSpec>> {
                               const Result<const Entry*> entry = catalog.find(id);
                               if (!entry)
                                   return entry.error();
                               return (*entry)->params;
                           });
}

} // namespace lacuna
