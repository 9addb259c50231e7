#include "core/corpora/catalog.h"

namespace lacuna {

CorpusFormat jsonArrayFormat();
CorpusFormat jsonLinesFormat();
CorpusFormat tsvFormat();
CorpusFormat csvFormat();
CorpusFormat plainTextFormat();

const Catalog<CorpusFormat>& corpusFormats()
{
    static const Catalog<CorpusFormat> catalog(
        "corpus format",
        {jsonArrayFormat(), jsonLinesFormat(), tsvFormat(), csvFormat(), plainTextFormat()});
    return catalog;
}

} // namespace lacuna
