#include "core/tokens/tokenizer_json.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/tokens/bpe_assembly.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// Reads the parts of the file; the first failure stays and ends it.
class FileReader {
public:
    explicit FileReader(const fs::path& file) : m_file(file), m_problem(file) {}

    Result<std::shared_ptr<const BpeTokenizer>> read(const Json& json, std::string hash)
    {
        FileFields fields(json, {}, m_problem);
        fields.ignore({"version", "truncation", "padding"}); // for batches of texts
        const Json* model = fields.child("model");
        if (!model)
            fields.corrupt("model", "the key is missing");
        else
            readModel(*model);
        if (const Json* added = fields.child("added_tokens"))
            readAddedTokens(*added);
        TextNormalizer normalizer = TextNormalizer::read(fields.child("normalizer"), m_problem);
        PreTokenizer preTokenizer = PreTokenizer::read(fields.child("pre_tokenizer"), m_problem);
        if (const Json* post = fields.child("post_processor"))
            readPostProcessor(*post, "post_processor");
        TokenDecoder decoder = TokenDecoder::read(fields.child("decoder"), m_problem);
        fields.finish();
        if (m_problem.error())
            return *m_problem.error();

        const auto limit =
            static_cast<std::int64_t>(m_description.vocabulary.size() + m_addedTokens.size()) +
            BpeTokenizer::kIdGap;
        for (const AddedToken& token : m_addedTokens)
            if (token.id < 0 || token.id >= limit)
                m_problem.corrupt("added_tokens." + token.text,
                                  "the id " + std::to_string(token.id) + " is out of range");
        if (m_problem.error())
            return *m_problem.error();
        Result<BpeModel> bpe = BpeModel::make(std::move(m_description), limit);
        if (!bpe) {
            m_problem.corrupt("model." + bpe.error().context, bpe.error().message);
            return *m_problem.error();
        }
        checkTemplate(*bpe);
        if (m_problem.error())
            return *m_problem.error();
        const Result<TokenizerSettings> settings =
            readTokenizerSettings(m_file.parent_path(), limit);
        if (!settings)
            return settings.error();
        return assembleBpe({.file = m_file,
                            .model = std::move(bpe).value(),
                            .normalizer = std::move(normalizer),
                            .preTokenizer = std::move(preTokenizer),
                            .decoder = std::move(decoder),
                            .addedTokens = std::move(m_addedTokens),
                            .firstId = m_first ? m_first->id : -1,
                            .lastId = m_last ? m_last->id : -1,
                            .commonToken = {},
                            .hashHead = "tokenizer.json " + std::move(hash) + "\n"},
                           *settings);
    }

private:
    /// A token that a template puts at an end of the text.
    struct EndToken {
        std::string text;
        std::int64_t id = -1;
    };

    void readModel(const Json& model)
    {
        FileFields fields(model, "model", m_problem);
        // Files of the library's first releases leave out the type.
        const std::string type = fields.text("type", model.contains("merges") ? "BPE" : "");
        if (type != "BPE")
            return fields.unsupported("type", "models of the type \"" + type +
                                                  R"(" are not supported, only "BPE" is)");
        m_description.unknownPiece = fields.text("unk_token");
        m_description.wordPrefix = fields.text("continuing_subword_prefix");
        m_description.wordSuffix = fields.text("end_of_word_suffix");
        m_description.fuseUnknown = fields.flag("fuse_unk", false);
        m_description.byteFallback = fields.flag("byte_fallback", false);
        m_description.ignoreMerges = fields.flag("ignore_merges", false);
        if (const Json* dropout = fields.child("dropout"); dropout && *dropout != 0.0)
            fields.unsupported("dropout", "merges that are left out at random are not supported");
        const Json* vocabulary = fields.child("vocab");
        const Json* merges = fields.child("merges");
        fields.finish();
        if (!vocabulary || !vocabulary->is_object())
            return fields.corrupt("vocab", "this must be an object");
        if (!merges || !merges->is_array())
            return fields.corrupt("merges", "this must be a list");
        readVocabulary(*vocabulary);
        readMerges(*merges);
    }

    void readVocabulary(const Json& vocabulary)
    {
        m_description.vocabulary.reserve(vocabulary.size());
        for (const auto& [piece, value] : vocabulary.items()) {
            const std::optional<std::int64_t> id = wholeNumber(value);
            if (!id)
                return m_problem.corrupt("model.vocab." + piece, "this must be an id");
            m_description.vocabulary.emplace_back(piece, *id);
        }
    }

    void readMerges(const Json& merges)
    {
        m_description.merges.reserve(merges.size());
        for (std::size_t i = 0; i < merges.size(); ++i) {
            const Json& value = merges[i];
            const auto isText = [&](std::size_t at) { return value[at].is_string(); };
            if (value.is_array() && value.size() == 2 && isText(0) && isText(1)) {
                m_description.merges.emplace_back(value[0].get_ref<const std::string&>(),
                                                  value[1].get_ref<const std::string&>());
                continue;
            }
            const std::string text = value.is_string() ? value.get<std::string>() : std::string();
            const std::size_t space = text.find(' ');
            if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
                return m_problem.corrupt("model.merges[" + std::to_string(i) + "]",
                                         "this must be two pieces");
            m_description.merges.emplace_back(text.substr(0, space), text.substr(space + 1));
        }
    }

    void readAddedTokens(const Json& list)
    {
        if (!list.is_array())
            return m_problem.corrupt("added_tokens", "this must be a list");
        m_addedTokens.reserve(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            FileFields fields(list[i], "added_tokens[" + std::to_string(i) + "]", m_problem);
            AddedToken token;
            token.text = fields.text("content");
            token.id = fields.integer("id", -1);
            token.special = fields.flag("special", false);
            token.stripLeft = fields.flag("lstrip", false);
            token.stripRight = fields.flag("rstrip", false);
            token.singleWord = fields.flag("single_word", false);
            token.normalized = fields.flag("normalized", !token.special);
            fields.finish();
            if (token.text.empty())
                fields.corrupt("content", "an added token has no text");
            if (m_problem.error())
                return;
            m_addedTokens.push_back(std::move(token));
        }
    }

    /// Of what a post-processor does, what it puts at the ends of one text matters.
    void readPostProcessor(const Json& value, const std::string& key)
    {
        FileFields fields(value, key, m_problem);
        const std::string type = fields.text("type");
        if (type == "ByteLevel") {
            fields.ignore({"add_prefix_space", "trim_offsets", "use_regex"}); // offsets only
        } else if (type == "Sequence") {
            const Json* list = fields.child("processors");
            if (!list || !list->is_array())
                return fields.corrupt("processors", "this must be a list");
            for (std::size_t i = 0; i < list->size() && !m_problem.error(); ++i)
                readPostProcessor((*list)[i], key + ".processors[" + std::to_string(i) + "]");
        } else if (type == "TemplateProcessing") {
            fields.ignore({"pair"}); // of two texts
            readTemplate(fields);
        } else if (type == "RobertaProcessing" || type == "BertProcessing") {
            fields.ignore({"trim_offsets", "add_prefix_space"});
            putFirst(fields, "cls", readPair(fields, "cls"));
            putLast(fields, "sep", readPair(fields, "sep"));
        } else {
            return fields.unsupported("type",
                                      "the post-processor \"" + type + "\" is not supported");
        }
        fields.finish();
    }

    /// A token as ["</s>", 2].
    std::optional<EndToken> readPair(FileFields& fields, const char* name)
    {
        const Json* pair = fields.child(name);
        if (pair && pair->is_array() && pair->size() == 2 && (*pair)[0].is_string())
            if (const std::optional<std::int64_t> id = wholeNumber((*pair)[1]))
                return EndToken{(*pair)[0].get<std::string>(), *id};
        fields.corrupt(name, "this must be a token and its id");
        return std::nullopt;
    }

    void readTemplate(FileFields& fields)
    {
        const Json* single = fields.child("single");
        const Json* tokens = fields.child("special_tokens");
        if (!single || !single->is_array())
            return fields.corrupt("single", "this must be a list");
        bool textSeen = false;
        for (std::size_t i = 0; i < single->size() && !m_problem.error(); ++i) {
            const std::string name = "single[" + std::to_string(i) + "]";
            const Json& piece = (*single)[i];
            if (piece.is_object() && piece.contains("Sequence")) {
                if (std::exchange(textSeen, true))
                    fields.unsupported(name, "a text that is there twice is not supported");
                continue;
            }
            const std::optional<EndToken> token = templateToken(piece, tokens);
            if (!token)
                return fields.corrupt(
                    name, "this must be a \"Sequence\" or a \"SpecialToken\" with one id in "
                          "special_tokens");
            textSeen ? putLast(fields, name, token) : putFirst(fields, name, token);
        }
        if (!textSeen)
            fields.corrupt("single", "the template has no text");
    }

    static std::optional<EndToken> templateToken(const Json& piece, const Json* tokens)
    {
        const auto member = [](const Json& object, const std::string& name) -> const Json* {
            const auto found = object.is_object() ? object.find(name) : object.end();
            return found == object.end() ? nullptr : &*found;
        };
        const Json* special = member(piece, "SpecialToken");
        const Json* name = special ? member(*special, "id") : nullptr;
        if (!name || !name->is_string() || !tokens)
            return std::nullopt;
        const Json* entry = member(*tokens, name->get<std::string>());
        const Json* ids = entry ? member(*entry, "ids") : nullptr;
        const std::optional<std::int64_t> id =
            ids && ids->is_array() && ids->size() == 1 ? wholeNumber((*ids)[0]) : std::nullopt;
        if (!id)
            return std::nullopt;
        return EndToken{name->get<std::string>(), *id};
    }

    void putFirst(FileFields& fields, const std::string& name, std::optional<EndToken> token)
    {
        if (m_first)
            fields.unsupported(name, "more than one token before a text is not supported");
        m_first = std::move(token);
    }

    void putLast(FileFields& fields, const std::string& name, std::optional<EndToken> token)
    {
        if (m_last)
            fields.unsupported(name, "more than one token after a text is not supported");
        m_last = std::move(token);
    }

    /// The template repeats what vocabulary and added tokens say.
    void checkTemplate(const BpeModel& model)
    {
        for (const std::optional<EndToken>& token : {m_first, m_last}) {
            if (!token)
                continue;
            bool known = model.find(token->text) == token->id;
            for (const AddedToken& added : m_addedTokens)
                known = known || (added.text == token->text && added.id == token->id);
            if (!known || token->id < 0)
                m_problem.corrupt("post_processor", "no token \"" + token->text + "\" has the id " +
                                                        std::to_string(token->id));
        }
    }

    const fs::path& m_file;
    FileProblem m_problem;
    BpeDescription m_description;
    std::vector<AddedToken> m_addedTokens;
    std::optional<EndToken> m_first;
    std::optional<EndToken> m_last;
};

} // namespace

Result<std::shared_ptr<const BpeTokenizer>> readTokenizerJson(std::string_view text,
                                                              const fs::path& file)
{
    const Result<Json> json = parseJson(text, file.string());
    if (!json)
        return json.error();
    return FileReader(file).read(*json, sha256(text));
}

Result<std::shared_ptr<const BpeTokenizer>> loadTokenizerJson(const fs::path& file)
{
    const Result<std::string> text = readTextFile(file);
    if (!text)
        return text.error();
    return readTokenizerJson(*text, file);
}

} // namespace lacuna
