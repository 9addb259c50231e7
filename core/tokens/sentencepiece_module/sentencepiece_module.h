#pragma once

#include <cstddef>
#include <cstdint>

/// The C door of the module lacuna_sentencepiece.so, the only place that links libsentencepiece.
///
/// That library exports a protobuf of its own; linked into one program with LibTorch's the two
/// crash before main. Core therefore loads the module in a symbol scope of its own
/// (core/tokens/sentencepiece_library.h) and speaks to it through this table alone.
///
/// Nothing is thrown through these functions. Memory stays on the side that allocated it: every
/// answer is a reply that the module owns until freeReply(). Strings are bytes with a length and
/// need no terminator, except where a type says otherwise.
extern "C" {

constexpr std::uint32_t kLacunaSpVersion = 1;
constexpr const char* kLacunaSpEntry = "lacunaSentencePiece";

struct LacunaSpModel;

struct LacunaSpText {
    const char* bytes;
    std::size_t size;
};

struct LacunaSpOption {
    const char* key;   ///< zero-terminated, as spm_train spells it
    const char* value; ///< zero-terminated
};

/// What a call gave; only the fields the function names are filled in.
struct LacunaSpReply {
    const char* error; ///< null: success; otherwise one zero-terminated English sentence
    LacunaSpModel* model;
    const std::int32_t* ids;
    std::size_t idCount;
    const char* bytes;
    std::size_t byteCount;
};

/// Each function that returns a reply returns null only when memory is exhausted.
struct LacunaSpApi {
    std::uint32_t version; ///< kLacunaSpVersion, read before anything else

    /// Fills `model`, to be freed by freeModel(). \p file is a whole .model file.
    LacunaSpReply* (*load)(LacunaSpText file);
    void (*freeModel)(LacunaSpModel* model);

    /// Fills `ids`. Any number of threads may encode with one model.
    LacunaSpReply* (*encode)(const LacunaSpModel* model, LacunaSpText text);

    /// Fills `bytes` with a .model file trained on \p sentences. One training at a time.
    LacunaSpReply* (*train)(const LacunaSpText* sentences, std::size_t sentenceCount,
                            const LacunaSpOption* options, std::size_t optionCount,
                            std::uint32_t seed);

    void (*freeReply)(LacunaSpReply* reply);
};

/// The function found under kLacunaSpEntry.
using LacunaSpEntry = const LacunaSpApi* (*)();
}
