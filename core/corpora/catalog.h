#pragma once

#include "core/base/catalog.h"
#include "core/corpora/format.h"

namespace lacuna {

/// Every format, in the order in which recognition asks them; the last one takes anything.
[[nodiscard]] const Catalog<CorpusFormat>& corpusFormats();

} // namespace lacuna
