#include "core/tokens/sentencepiece_library.h"

#include "core/base/text.h"
#include "core/tokens/sentencepiece_module/sentencepiece_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <mutex>
#include <new>
#include <stdexcept>

#if defined(__has_feature)
#define LACUNA_HAS_FEATURE(name) __has_feature(name)
#else
#define LACUNA_HAS_FEATURE(name) 0
#endif

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModuleFile = "lacuna_sentencepiece.so";

/// Loads the module so that its protobuf and the program's never meet.
void* openModule(const fs::path& file)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    LACUNA_HAS_FEATURE(address_sanitizer) || LACUNA_HAS_FEATURE(thread_sanitizer)
    // The sanitizers end a program that asks for DEEPBIND. A namespace of its own separates the
    // symbols as well, at the price of a second C library, which a release need not carry.
    return ::dlmopen(LM_ID_NEWLM, file.c_str(), RTLD_NOW | RTLD_LOCAL);
#else
    return ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
#endif
}

/// Where the module may lie: beside the program, where it is installed, in the build tree.
std::vector<fs::path> moduleCandidates()
{
    std::vector<fs::path> files;
    std::error_code failed;
    const fs::path program = fs::read_symlink("/proc/self/exe", failed);
    if (!failed) {
        const fs::path folder = program.parent_path();
        files.push_back(folder / kModuleFile);
        files.push_back(
            (folder / ".." / LACUNA_LIBDIR / "lacuna" / kModuleFile).lexically_normal());
        files.push_back((folder / "../lib/lacuna" / kModuleFile).lexically_normal());
    }
    files.push_back(fs::path(LACUNA_MODULE_DIR) / kModuleFile);
    return files;
}

Result<const LacunaSpApi*> loadModule()
{
    std::vector<std::string> tried;
    for (const fs::path& file : moduleCandidates()) {
        std::error_code ignored;
        if (!fs::exists(file, ignored)) {
            tried.push_back(file.string());
            continue;
        }
        void* module = openModule(file);
        if (!module) {
            const char* reason = ::dlerror();
            return Error{.code = ErrorCode::Unsupported,
                         .message = std::string("the sentencepiece module cannot be loaded: ") +
                                    (reason ? reason : "no reason given"),
                         .context = file.string(),
                         .remedy = "install the package libsentencepiece0"};
        }
        const auto entry = reinterpret_cast<LacunaSpEntry>(::dlsym(module, kLacunaSpEntry));
        const LacunaSpApi* api = entry ? entry() : nullptr;
        if (!api || api->version != kLacunaSpVersion)
            return Error{.code = ErrorCode::Unsupported,
                         .message = "the sentencepiece module belongs to another version",
                         .context = file.string(),
                         .remedy = "install program and module from one build"};
        return api;
    }
    return Error{.code = ErrorCode::Unsupported,
                 .message = "the sentencepiece module is not installed",
                 .context = kModuleFile,
                 .remedy = "it was looked for at " + join(tried, ", ")};
}

/// The module is loaded once and stays: unloading would leave its static objects behind.
Result<const LacunaSpApi*> sentencePieceApi()
{
    static const Result<const LacunaSpApi*> api = loadModule();
    return api;
}

class Reply {
public:
    Reply(const LacunaSpApi& api, LacunaSpReply* reply) : m_api(api), m_reply(reply)
    {
        if (!m_reply)
            throw std::bad_alloc();
    }
    ~Reply() { m_api.freeReply(m_reply); }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    const LacunaSpReply* operator->() const { return m_reply; }

private:
    const LacunaSpApi& m_api;
    LacunaSpReply* m_reply;
};

/// The library's message without the place in its source and the condition in front, and without
/// a full stop.
std::string_view reason(const char* error)
{
    std::string_view text = trimmed(error);
    if (const std::size_t end = text.rfind("] "); end != std::string_view::npos)
        text.remove_prefix(end + 2);
    while (text.ends_with('.'))
        text.remove_suffix(1);
    return text.empty() ? "it gives no reason" : text;
}

LacunaSpText asText(std::string_view text)
{
    return {text.data(), text.size()};
}

} // namespace

SentencePieceEncoder::SentencePieceEncoder(const LacunaSpApi& api, LacunaSpModel* model)
    : m_api(&api), m_model(model, api.freeModel)
{
}

Result<SentencePieceEncoder> SentencePieceEncoder::load(std::string_view file)
{
    const Result<const LacunaSpApi*> api = sentencePieceApi();
    if (!api)
        return api.error();
    const Reply reply(**api, (*api)->load(asText(file)));
    if (reply->error)
        return Error{.code = ErrorCode::Corrupt,
                     .message =
                         "sentencepiece refuses the model: " + std::string(reason(reply->error)),
                     .remedy = "fetch the file again"};
    return SentencePieceEncoder(**api, reply->model);
}

void SentencePieceEncoder::encode(std::string_view text, std::vector<std::int64_t>& ids) const
{
    const Reply reply(*m_api, m_api->encode(m_model.get(), asText(text)));
    if (reply->error) // a loaded model encodes every text
        throw std::logic_error(std::string("sentencepiece: ") + reply->error);
    ids.insert(ids.end(), reply->ids, reply->ids + reply->idCount);
}

Result<std::string>
runSentencePieceTrainer(const std::vector<std::string_view>& sentences,
                        const std::vector<std::pair<std::string, std::string>>& options,
                        std::uint32_t seed)
{
    const Result<const LacunaSpApi*> api = sentencePieceApi();
    if (!api)
        return api.error();
    std::vector<LacunaSpText> texts;
    texts.reserve(sentences.size());
    for (const std::string_view sentence : sentences)
        texts.push_back(asText(sentence));
    std::vector<LacunaSpOption> arguments;
    arguments.reserve(options.size());
    for (const auto& [key, value] : options)
        arguments.push_back({key.c_str(), value.c_str()});

    static std::mutex oneAtATime; // the library's random generator and options are global
    const std::scoped_lock lock(oneAtATime);
    const Reply reply(
        **api, (*api)->train(texts.data(), texts.size(), arguments.data(), arguments.size(), seed));
    if (reply->error)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message =
                         "the tokenizer cannot be trained: " + std::string(reason(reply->error)),
                     .remedy = "change the vocabulary size or add text"};
    return std::string(reply->bytes, reply->byteCount);
}

Status sentencePieceAvailable()
{
    const Result<const LacunaSpApi*> api = sentencePieceApi();
    return api ? Status{} : Status{api.error()};
}

} // namespace lacuna
