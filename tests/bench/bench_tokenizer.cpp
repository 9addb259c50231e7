#include "core/base/json.h"
#include "core/tokens/catalog.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

/// How quickly a tokenizer loads, and how many bytes of text it encodes and decodes in a second of
/// one core's time: each text as a whole, then line by line. Run: bench_tokenizer FOLDER TEXT...
namespace {

using namespace lacuna;

/// Of the processor's time, so that others may use the machine as well.
template <class Work> double seconds(Work work)
{
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// The best of some rounds: others also use the caches.
template <class Work> double best(int rounds, Work work)
{
    double least = seconds(work);
    while (--rounds > 0)
        least = std::min(least, seconds(work));
    return least;
}

void say(const char* what, double value, const char* unit)
{
    std::printf("  %-28s %9.2f %s\n", what, value, unit);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "usage: bench_tokenizer FOLDER TEXT...\n");
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    auto loaded = loadTokenizer(folder);
    if (!loaded) {
        std::fprintf(stderr, "%s\n", loaded.error().text().c_str());
        return 3;
    }
    std::printf("%s\n", folder.filename().c_str());
    say("load", best(3, [&] { loaded = loadTokenizer(folder); }) * 1e3, "ms");
    const Tokenizer& tokenizer = **loaded;
    for (int i = 2; i < argc; ++i) {
        const Result<std::string> text = readTextFile(argv[i]);
        if (!text) {
            std::fprintf(stderr, "%s\n", text.error().text().c_str());
            return 3;
        }
        std::vector<std::string> lines(1);
        for (const char c : *text)
            c == '\n' ? lines.emplace_back() : lines.back() += c;
        const double megabytes = static_cast<double>(text->size()) * 1e-6;
        std::printf("%s\n", argv[i]);
        std::vector<std::int64_t> ids;
        say("the first time", megabytes / seconds([&] { ids = tokenizer.encode(*text); }), "MB/s");
        say("as a whole", megabytes / best(5, [&] { ids = tokenizer.encode(*text); }), "MB/s");
        const auto byLine = [&] {
            for (const std::string& line : lines)
                ids = tokenizer.encode(line);
        };
        say("line by line", megabytes / best(5, byLine), "MB/s");
        ids = tokenizer.encode(*text);
        say("bytes a token", static_cast<double>(text->size()) / static_cast<double>(ids.size()),
            "");
        say("decode", megabytes / best(5, [&] { (void)tokenizer.decode(ids); }), "MB/s");
    }
    return 0;
}
