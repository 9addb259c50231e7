#include "core/guardrails/subjects.h"

#include "core/corpora/corpus.h"

#include <algorithm>

namespace lacuna {

std::vector<std::string> subjectsOf(const Corpus& corpus)
{
    std::vector<std::string> subjects;
    for (const RawSample& sample : corpus.samples)
        if (!sample.subject.empty() &&
            std::find(subjects.begin(), subjects.end(), sample.subject) == subjects.end())
            subjects.push_back(sample.subject);
    return subjects;
}

} // namespace lacuna
