#include "core/tokens/tokenizer_json.h"

#include "bpe_fixture.h"
#include "core/base/rng.h"
#include "core/tokens/catalog.h"

#include <QElapsedTimer>

#include <thread>

using namespace lacuna;
using namespace lacuna::test;

Q_DECLARE_METATYPE(lacuna::ErrorCode)

namespace {

namespace fs = std::filesystem;

Json rules()
{
    return Json::parse(fileBytes(rulesFolder() / "rules.json"));
}

/// The pipeline of a rule of rules.json.
Json pipeline(const char* name)
{
    for (const Json& rule : rules())
        if (rule.at("name") == name)
            return changed(baseTokenizer(rule.at("base")), rule.at("set"));
    throw std::logic_error("no such rule");
}

/// Any well-formed Unicode but U+2581, in which a sentencepiece model spells a space.
std::string randomText(Random& random)
{
    std::string text;
    for (std::uint64_t left = random.below(40); left-- > 0;) {
        char32_t c = 0;
        do {
            constexpr std::uint64_t kPlanes[] = {0x80, 0x800, 0x10000, 0x110000};
            c = static_cast<char32_t>(random.below(kPlanes[random.below(4)]));
        } while ((c >= 0xD800 && c < 0xE000) || c == 0x2581);
        text += QString::fromUcs4(&c, 1).toStdString();
    }
    return text;
}

} // namespace

class TestTokenizerJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAgreeWithTheReference_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"gpt2", "gpt-neox-20b", "qwen3"})
            QTest::newRow(name) << QByteArray(name);
    }

    void idsAgreeWithTheReference()
    {
        QFETCH(QByteArray, name);
        const fs::path folder = fs::path(SHARED_DIR) / "data/tokenizers" / name.toStdString();
        if (!fs::exists(folder))
            QSKIP("the shared data are not here");
        const auto tokenizer = loadTokenizer(folder);
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        QCOMPARE((*tokenizer)->kind(), std::string("byte-bpe"));
        QVERIFY(!(*tokenizer)->addsBos());
        QCOMPARE(difference(**tokenizer, folder / "expected_ids.jsonl"), QByteArray());
    }

    /// The tokenizers library itself, version 0.23.2, made the expectations.
    void rulesAgreeWithTheLibrary_data()
    {
        QTest::addColumn<QByteArray>("rule");
        for (const Json& rule : rules())
            QTest::newRow(rule.at("name").get<std::string>().c_str())
                << QByteArray::fromStdString(rule.dump());
    }

    void rulesAgreeWithTheLibrary()
    {
        QFETCH(QByteArray, rule);
        const Json json = Json::parse(rule.toStdString());
        const auto tokenizer = read(changed(baseTokenizer(json.at("base")), json.at("set")));
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
        const BpeTokenizer& t = **tokenizer;
        for (const Json& expected : json.at("cases")) {
            const auto text = expected.at("text").get<std::string>();
            const Ids ids = expected.at("ids").get<Ids>();
            const QByteArray encoded = shown(t.encode(text, kBare));
            QVERIFY2(encoded == shown(ids), (expected.dump() + "\n" + encoded.data()).c_str());
            Ids framed = t.encode(text);
            if (t.addsEos())
                framed.push_back(t.eosId());
            QCOMPARE(shown(framed), shown(expected.value("framed", ids)));
            const std::string decoded = validUtf8(t.decode(ids));
            QVERIFY2(decoded == expected.value("decoded", text),
                     (expected.dump() + "\n" + decoded).c_str());
        }
    }

    void theTemplateNamesBosAndEos()
    {
        const auto llama = read(pipeline("llama 3")).value();
        QCOMPARE(llama->piece(llama->bosId()), std::string("<|begin|>"));
        QVERIFY(llama->addsBos());
        QVERIFY(!llama->addsEos());
        const auto both = read(pipeline("possessive quantifiers")).value();
        QCOMPARE(both->piece(both->eosId()), std::string("<|end|>"));
        QVERIFY(both->addsEos());
        const auto none = read(baseTokenizer("byte")).value();
        QCOMPARE(none->bosId(), std::int64_t(-1));
        QCOMPARE(none->eosId(), std::int64_t(-1));
    }

    void settingsBesideTheFileGoBeforeIt()
    {
        const TokenizerFolder folder;
        folder.write("tokenizer.json", pipeline("llama 3").dump());
        folder.write("tokenizer_config.json",
                     R"({"add_bos_token": false, "eos_token": "<|end|>"})");
        const auto tokenizer = loadTokenizer(folder.path()).value();
        QVERIFY(!tokenizer->addsBos());
        QCOMPARE(tokenizer->piece(tokenizer->eosId()), std::string("<|end|>"));
        const std::string hash = tokenizer->hash();
        folder.write("tokenizer_config.json", "{}");
        const auto other = loadTokenizer(folder.path()).value();
        QVERIFY(other->addsBos());
        QVERIFY(other->hash() != hash);
        QCOMPARE(hash.size(), std::size_t(64));
    }

    void aPieceOfTheVocabularyBecomesSpecialBySettings()
    {
        const TokenizerFolder folder;
        folder.write("tokenizer.json", baseTokenizer("byte").dump());
        folder.write("special_tokens_map.json", R"({"eos_token": "Ġwordthatnomergemakes"})");
        const auto tokenizer = loadTokenizer(folder.path()).value();
        QVERIFY(tokenizer->eosId() > 0);
        QCOMPARE(tokenizer->decode({tokenizer->eosId()}), std::string());
    }

    void settingsThatContradictTheFileAreRefused_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("another id")
            << QByteArray(R"({"added_tokens_decoder": {"600": {"content": "<|end|>"}}})")
            << QByteArray("its id is 600 here and 518 elsewhere");
        QTest::newRow("another text")
            << QByteArray(R"({"added_tokens_decoder": {"518": {"content": "<|stop|>"}}})")
            << QByteArray("the id 518 is also that of \"<|end|>\"");
        QTest::newRow("the id of a piece")
            << QByteArray(R"({"added_tokens_decoder": {"33": {"content": "<|stop|>"}}})")
            << QByteArray("the id 33 is also that of the piece \"!\"");
    }

    void settingsThatContradictTheFileAreRefused()
    {
        QFETCH(QByteArray, config);
        QFETCH(QByteArray, message);
        const TokenizerFolder folder;
        Json tokenizer = pipeline("llama 3");
        tokenizer["added_tokens"][1]["id"] = 518;
        folder.write("tokenizer.json", tokenizer.dump());
        folder.write("tokenizer_config.json", config.toStdString());
        const auto loaded = loadTokenizer(folder.path());
        QVERIFY(!loaded);
        QVERIFY(loaded.error().code == ErrorCode::Corrupt);
        QCOMPARE(loaded.error().message, message.toStdString());
        QVERIFY(loaded.error().context.find("tokenizer_config.json: added token") !=
                std::string::npos);
    }

    void specialTokensAreTextWhenNotLookedFor()
    {
        const auto tokenizer = read(pipeline("neox")).value();
        const std::string text = "a<|end|>    b";
        const Ids found = tokenizer->encode(text, kBare);
        const Ids plain = tokenizer->encode(text, {.addBos = false, .parseSpecial = false});
        QCOMPARE(tokenizer->decode(found), std::string("a    b"));
        QCOMPARE(tokenizer->decode(plain), text);
        // Runs of spaces are added tokens as well, and part of how any text is spelled.
        QCOMPARE(tokenizer->piece(plain.at(plain.size() - 2)), std::string("    "));
    }

    void theListOfIdsHasGaps()
    {
        Json tokenizer = pipeline("llama 3");
        tokenizer["added_tokens"][1]["id"] = 1000;
        const auto read = test::read(tokenizer).value();
        QCOMPARE(read->vocabularySize(), std::int64_t(1001));
        QCOMPARE(read->piece(999), std::string());
        QCOMPARE(read->piece(1001), std::string());
        QCOMPARE(read->decode({-1, 999, 1'000'000'000'000}), std::string());
    }

    void randomTextComesBack_data()
    {
        QTest::addColumn<QByteArray>("rule");
        for (const char* rule : {"gpt2", "llama 3", "capital letters apart", "falcon", "llama 2"})
            QTest::newRow(rule) << QByteArray(rule);
    }

    void randomTextComesBack()
    {
        QFETCH(QByteArray, rule);
        const auto tokenizer = read(pipeline(rule.constData())).value();
        Random random(20240418);
        for (int round = 0; round < 10'000; ++round) {
            const std::string text = randomText(random);
            const Ids ids = tokenizer->encode(text, {.addBos = true, .parseSpecial = false});
            QCOMPARE(tokenizer->decode(ids), text);
        }
    }

    void malformedTextIsEncodedAsReplacementCharacters()
    {
        const auto tokenizer = read(pipeline("gpt2")).value();
        QCOMPARE(tokenizer->decode(tokenizer->encode("a\xFF\xC3")),
                 std::string("a\xEF\xBF\xBD\xEF\xBF\xBD"));
    }

    void anIncompleteCharacterIsKept()
    {
        const auto tokenizer = read(pipeline("gpt2")).value();
        const std::string text = "\xF0\x9F\x98\x80";
        const Ids ids = tokenizer->encode(text);
        QCOMPARE(ids.size(), std::size_t(4));
        QCOMPARE(tokenizer->decode({ids.begin(), ids.begin() + 3}), text.substr(0, 3));
    }

    void aLongWordTakesNoQuadraticTime_data() { randomTextComesBack_data(); }

    /// 400 KB; quadratic time would be minutes.
    void aLongWordTakesNoQuadraticTime()
    {
        QFETCH(QByteArray, rule);
        const auto tokenizer = read(pipeline(rule.constData())).value();
        std::string word;
        while (word.size() < 400'000)
            word += "theandwords";
        QCOMPARE(tokenizer->decode(tokenizer->encode(word)), word);
    }

    void threadsShareATokenizer()
    {
        const auto tokenizer = read(pipeline("llama 3")).value();
        const auto alone = read(pipeline("llama 3")).value();
        Random random(3);
        std::vector<std::string> texts;
        std::vector<Ids> expected;
        for (int i = 0; i < 200; ++i) {
            texts.push_back("the words of " + randomText(random));
            expected.push_back(alone->encode(texts.back()));
        }
        std::vector<int> wrong(4, 0);
        {
            std::vector<std::jthread> threads;
            for (int& count : wrong)
                threads.emplace_back([&] {
                    for (std::size_t i = 0; i < 2000; ++i)
                        count += tokenizer->encode(texts[i % 200]) != expected[i % 200];
                });
        }
        QVERIFY(wrong == std::vector<int>(4, 0));
    }

    void anExplodingPatternEndsTheText()
    {
        const auto tokenizer =
            read(changed(baseTokenizer("byte"),
                         Json::parse(R"({"pre_tokenizer": {"type": "Split", "behavior": "Isolated",
                                              "pattern": {"Regex": "(x+x+)+[^x]"}}})")));
        QVERIFY(tokenizer);
        QCOMPARE((*tokenizer)->encode("xxxy").size(), std::size_t(4));
        QElapsedTimer clock;
        clock.start();
        QVERIFY_EXCEPTION_THROWN((void)(*tokenizer)->encode(std::string(50000, 'x')),
                                 ErrorException);
        QVERIFY(clock.elapsed() < 10'000); // two seconds and a slow machine's share
    }

    void aGrowingNormalizerEndsTheText()
    {
        Json steps = Json::array();
        for (int i = 0; i < 12; ++i)
            steps.push_back({{"type", "Replace"},
                             {"pattern", {{"String", "a"}}},
                             {"content", std::string(100, 'a')}});
        Json json = changed(baseTokenizer("byte"),
                            {{"normalizer", {{"type", "Sequence"}, {"normalizers", steps}}}});
        const auto tokenizer = read(json).value();
        QVERIFY_EXCEPTION_THROWN((void)tokenizer->encode("a"), ErrorException);
        json["added_tokens"] = Json::parse(R"([{"id": 517, "content": "a", "normalized": true}])");
        json["added_tokens"][0]["content"] = "aa";
        const auto refused = read(json);
        QVERIFY(!refused);
        QVERIFY(refused.error().code == ErrorCode::Unsupported);
    }

    void damagedFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("keys"); // that replace those of a good file
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* name, const char* keys, ErrorCode code, const char* key,
                            const char* message) {
            QTest::newRow(name) << QByteArray(keys) << code << QByteArray(key)
                                << QByteArray(message);
        };
        constexpr ErrorCode kBad = ErrorCode::Corrupt;
        constexpr ErrorCode kNot = ErrorCode::Unsupported;
        row("no model", R"({"model": null})", kBad, "model", "missing");
        row("a model that is a list", R"({"model": []})", kBad, "model", "object");
        row("unigram", R"({"model": {"type": "Unigram"}})", kNot, "model.type", "\"Unigram\"");
        row("word piece", R"({"model": {"type": "WordPiece"}})", kNot, "model.type",
            "only \"BPE\" is");
        row("dropout", R"({"model": {"dropout": 0.1}})", kNot, "model.dropout", "at random");
        row("an unknown option", R"({"model": {"sampler": 1}})", kNot, "model.sampler",
            "not known");
        row("an unknown key", R"({"sampler": {}})", kNot, "sampler", "not known");
        row("a vocabulary that is a list", R"({"model": {"vocab": []}})", kBad, "model.vocab",
            "object");
        row("an id that is a text", R"({"model": {"vocab": {"a": "0"}}})", kBad, "model.vocab.a",
            "id");
        row("an id that is a fraction", R"({"model": {"vocab": {"a": 0.5}}})", kBad,
            "model.vocab.a", "id");
        row("a negative id", R"({"model": {"vocab": {"a": -1}}})", kBad, "model.vocab.a",
            "-1 is out of range");
        row("a huge id", R"({"model": {"vocab": {"a": 4000000000}}})", kBad, "model.vocab.a",
            "out of range");
        row("an id beyond integers", R"({"model": {"vocab": {"a": 1e300}}})", kBad, "model.vocab.a",
            "id");
        row("an id twice", R"({"model": {"vocab": {"a": 1, "b": 1}}})", kBad, "model.vocab.b",
            "two pieces");
        row("merges that are a text", R"({"model": {"merges": "a b"}})", kBad, "model.merges",
            "list");
        row("a merge of one", R"({"model": {"merges": ["Ġ t", "ab"]}})", kBad, "model.merges[1]",
            "two pieces");
        row("a merge of three", R"({"model": {"merges": ["a b c"]}})", kBad, "model.merges[0]",
            "two pieces");
        row("a merge of numbers", R"({"model": {"merges": [[1, 2]]}})", kBad, "model.merges[0]",
            "two pieces");
        row("a merge of an unknown piece", R"({"model": {"merges": ["Q Qx"]}})", kBad,
            "model.merges[0]", "\"Qx\" is not in the vocabulary");
        row("a merge into an unknown piece", R"({"model": {"merges": [["Q", "Z"]]}})", kBad,
            "model.merges[0]", "\"QZ\" is not in the vocabulary");
        row("an unknown token that is none", R"({"model": {"unk_token": "<none>"}})", kBad,
            "model.unk_token", "\"<none>\"");
        row("a flag that is a number", R"({"model": {"ignore_merges": 1}})", kBad,
            "model.ignore_merges", "true or false");
        row("an added token without text", R"({"added_tokens": [{"id": 600}]})", kBad,
            "added_tokens[0].content", "no text");
        row("an added token without id", R"({"added_tokens": [{"content": "<x>"}]})", kBad,
            "added_tokens.<x>", "out of range");
        row("an added token far away",
            R"({"added_tokens": [{"content": "<x>", "id": 4000000000}]})", kBad, "added_tokens.<x>",
            "out of range");
        row("an added token with the id of a piece",
            R"({"added_tokens": [{"content": "<x>", "id": 3}]})", kBad, "added token \"<x>\"",
            "also that of the piece");
        row("an added token with another id than its piece",
            R"({"added_tokens": [{"content": "!", "id": 600}]})", kBad, "added token \"!\"",
            "the vocabulary's is 33");
        row("two added tokens of an id",
            R"({"added_tokens": [{"content": "<x>", "id": 600}, {"content": "<y>", "id": 600}]})",
            kBad, "added token \"<y>\"", "also that of \"<x>\"");
        row("an unknown normalizer", R"({"normalizer": {"type": "Precompiled"}})", kNot,
            "normalizer.type", "\"Precompiled\"");
        row("a normalizer in a sequence",
            R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Nmt"}]}})",
            kNot, "normalizer.normalizers[1].type", "\"Nmt\"");
        row("an unknown pre-tokenizer", R"({"pre_tokenizer": {"type": "UnicodeScripts"}})", kNot,
            "pre_tokenizer.type", "\"UnicodeScripts\"");
        row("an option of a pre-tokenizer", R"({"pre_tokenizer": {"type": "ByteLevel", "x": 1}})",
            kNot, "pre_tokenizer.x", "not known");
        row("a sequence that is an object",
            R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": {}}})", kBad,
            "pre_tokenizer.pretokenizers", "list");
        row("a pattern that does not compile",
            R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "+a"}, "behavior": "Isolated"}})",
            kNot, "pre_tokenizer.pattern.Regex", "cannot be compiled");
        row("an empty pattern",
            R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated"}})",
            kBad, "pre_tokenizer.pattern", "\"Regex\"");
        row("an unknown behavior",
            R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "x"}})",
            kNot, "pre_tokenizer.behavior", "\"x\"");
        row("a prefix that is on and off",
            R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "▁",
                "add_prefix_space": false, "prepend_scheme": "always"}})",
            kBad, "pre_tokenizer.add_prefix_space", "contradicts");
        row("no decoder", R"({"decoder": null})", kNot, "decoder", "without a decoder");
        row("an unknown decoder", R"({"decoder": {"type": "CTC"}})", kNot, "decoder.type",
            "\"CTC\"");
        row("a decoder that strips too early",
            R"({"decoder": {"type": "Strip", "content": " ", "start": 1, "stop": 0}})", kNot,
            "decoder.type", "before");
        row("two tokens in front",
            R"({"post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "!"}}, {"SpecialToken": {"id": "!"}},
                           {"Sequence": {"id": "A"}}],
                "special_tokens": {"!": {"ids": [33]}}}})",
            kNot, "post_processor.single[1]", "more than one token");
        row("a template token without id",
            R"({"post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "!"}}, {"Sequence": {"id": "A"}}],
                "special_tokens": {}}})",
            kBad, "post_processor.single[0]", "special_tokens");
        row("a template token of another id",
            R"({"post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "!"}}, {"Sequence": {"id": "A"}}],
                "special_tokens": {"!": {"ids": [7]}}}})",
            kBad, "post_processor", "no token \"!\" has the id 7");
        row("an unknown post-processor", R"({"post_processor": {"type": "Other"}})", kNot,
            "post_processor.type", "\"Other\"");
    }

    void damagedFilesAreRefused()
    {
        QFETCH(QByteArray, keys);
        QFETCH(ErrorCode, code);
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, message);
        Json json = baseTokenizer("byte");
        const Json change = Json::parse(keys.toStdString());
        if (change.contains("model") && !change["model"].is_object())
            json["model"] = change["model"];
        else
            json = changed(json, change);
        const auto tokenizer = read(json);
        QVERIFY(!tokenizer);
        QVERIFY2(tokenizer.error().code == code, tokenizer.error().text().c_str());
        QCOMPARE(tokenizer.error().context, "no-such-folder/tokenizer.json: " + key.toStdString());
        QVERIFY2(tokenizer.error().message.find(message.toStdString()) != std::string::npos,
                 tokenizer.error().text().c_str());
        QVERIFY(!tokenizer.error().remedy.empty());
    }

    void brokenJsonIsNamedWithItsRow_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray whole = QByteArray::fromStdString(baseTokenizer("byte").dump(1));
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut") << whole.left(whole.size() / 2);
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("deep") << QByteArray(10000, '[');
        QTest::newRow("not UTF-8") << QByteArray("{\"model\": \"\xFF\"}");
    }

    void brokenJsonIsNamedWithItsRow()
    {
        QFETCH(QByteArray, text);
        const auto tokenizer = readTokenizerJson(text.toStdString(), "x/tokenizer.json");
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().code == ErrorCode::Corrupt);
        QVERIFY(
            QByteArray::fromStdString(tokenizer.error().context).startsWith("x/tokenizer.json:"));
    }

    void everyPrefixIsRefused()
    {
        const std::string text = baseTokenizer("mark").dump();
        for (std::size_t size = 0; size < text.size(); size += 97)
            QVERIFY(!readTokenizerJson(std::string_view(text).substr(0, size), "t.json"));
    }

    void sequencesOfAnyLengthAreNotFollowed()
    {
        Json list = Json::array();
        for (int i = 0; i < 10'000; ++i)
            list.push_back({{"type", "Digits"}});
        const auto tokenizer = read(changed(
            baseTokenizer("byte"),
            {{"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", std::move(list)}}}}));
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().message.find("too many steps") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTokenizerJson)
#include "tst_tokenizer_json.moc"
