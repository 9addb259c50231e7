#include "core/tokens/sentencepiece_module/sentencepiece_module.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct LacunaSpModel {
    sentencepiece::SentencePieceProcessor processor;
};

namespace {

/// A reply together with what its pointers point into.
struct OwningReply : LacunaSpReply {
    OwningReply() : LacunaSpReply{} {}

    std::string errorText;
    std::vector<int> idList;
    std::string byteText;
};

std::string_view view(LacunaSpText text)
{
    return {text.bytes, text.size};
}

/// Runs \p body on a fresh reply. The library reports most failures as a Status, but its
/// containers and its trie builder throw.
template <class Body> LacunaSpReply* answer(Body body) noexcept
{
    std::unique_ptr<OwningReply> reply(new (std::nothrow) OwningReply);
    if (!reply)
        return nullptr;
    try {
        try {
            const sentencepiece::util::Status status = body(*reply);
            if (!status.ok())
                reply->errorText = *status.message() ? status.message() : "unknown failure";
        } catch (const std::bad_alloc&) {
            return nullptr;
        } catch (const std::exception& failure) {
            reply->errorText = failure.what();
        } catch (...) {
            reply->errorText = "unknown failure";
        }
    } catch (...) {
        return nullptr;
    }
    if (!reply->errorText.empty())
        reply->error = reply->errorText.c_str();
    reply->ids = reply->idList.data();
    reply->idCount = reply->idList.size();
    reply->bytes = reply->byteText.data();
    reply->byteCount = reply->byteText.size();
    return reply.release();
}

LacunaSpReply* load(LacunaSpText file)
{
    return answer([&](OwningReply& reply) {
        auto model = std::make_unique<LacunaSpModel>();
        auto status = model->processor.LoadFromSerializedProto(view(file));
        if (status.ok())
            reply.model = model.release();
        return status;
    });
}

void freeModel(LacunaSpModel* model)
{
    delete model;
}

LacunaSpReply* encode(const LacunaSpModel* model, LacunaSpText text)
{
    static_assert(sizeof(int) == sizeof(std::int32_t));
    return answer(
        [&](OwningReply& reply) { return model->processor.Encode(view(text), &reply.idList); });
}

class Sentences : public sentencepiece::SentenceIterator {
public:
    Sentences(const LacunaSpText* texts, std::size_t count) : m_texts(texts), m_count(count)
    {
        take();
    }

    bool done() const override { return m_next >= m_count; }
    void Next() override
    {
        ++m_next;
        take();
    }
    const std::string& value() const override { return m_value; }
    sentencepiece::util::Status status() const override { return {}; }

private:
    void take()
    {
        if (m_next < m_count)
            m_value = view(m_texts[m_next]);
    }

    const LacunaSpText* m_texts;
    std::size_t m_count;
    std::size_t m_next = 0;
    std::string m_value;
};

LacunaSpReply* train(const LacunaSpText* sentences, std::size_t sentenceCount,
                     const LacunaSpOption* options, std::size_t optionCount, std::uint32_t seed)
{
    return answer([&](OwningReply& reply) {
        sentencepiece::SetRandomGeneratorSeed(seed);
        std::unordered_map<std::string, std::string> arguments;
        for (std::size_t i = 0; i < optionCount; ++i)
            arguments.emplace(options[i].key, options[i].value);
        Sentences iterator(sentences, sentenceCount);
        return sentencepiece::SentencePieceTrainer::Train(arguments, &iterator, &reply.byteText);
    });
}

void freeReply(LacunaSpReply* reply)
{
    delete static_cast<OwningReply*>(reply);
}

} // namespace

extern "C" __attribute__((visibility("default"))) const LacunaSpApi* lacunaSentencePiece()
{
    static constexpr LacunaSpApi kApi = {
        .version = kLacunaSpVersion,
        .load = load,
        .freeModel = freeModel,
        .encode = encode,
        .train = train,
        .freeReply = freeReply,
    };
    return &kApi;
}
