#include "app/cli/commands/commands.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/models/inspection.h"
#include "core/models/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace lacuna {
namespace {

constexpr std::size_t kShownTensors = 5;

std::string_view scalingName(RopeScaling scaling)
{
    constexpr std::array<std::string_view, 4> kNames = {"none", "linear", "llama3", "longrope"};
    return kNames[static_cast<std::size_t>(scaling)];
}

OrderedJson describe(const std::vector<Error>& errors)
{
    OrderedJson list = OrderedJson::array();
    for (const Error& error : errors)
        list.push_back({{"code", errorCodeName(error.code)},
                        {"message", error.message},
                        {"context", error.context},
                        {"remedy", error.remedy}});
    return list;
}

/// Null for learned positions.
OrderedJson describeRope(const DecoderConfig& config)
{
    if (config.positions != PositionKind::Rotary)
        return nullptr;
    OrderedJson rope = {{"theta", config.rope.theta},
                        {"scaling", scalingName(config.rope.scaling)},
                        {"rotated", config.rotatedDim()}};
    if (config.rope.scaling == RopeScaling::Linear || config.rope.scaling == RopeScaling::Llama3)
        rope["factor"] = config.rope.factor;
    return rope;
}

std::string positionsText(const DecoderConfig& config)
{
    if (config.positions != PositionKind::Rotary)
        return "learned";
    std::string text = fmt::format("rotary, theta {:g}", config.rope.theta);
    if (config.rotatedDim() < config.headDim)
        text += fmt::format(", {} of {} dimensions", config.rotatedDim(), config.headDim);
    if (config.rope.scaling == RopeScaling::LongRope)
        text += ", longrope";
    else if (config.rope.scaling != RopeScaling::None)
        text += fmt::format(", {} scaling by {:g}", scalingName(config.rope.scaling),
                            config.rope.factor);
    return text;
}

/// 1234567 as "1,234,567".
std::string grouped(std::int64_t count)
{
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3;)
        digits.insert(at -= 3, ",");
    return digits;
}

/// "4,096 in 12 of 24 layers"
std::string windowText(const DecoderConfig& config)
{
    std::int64_t layers = 0;
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        layers += config.windowOf(layer) ? 1 : 0;
    if (layers == 0)
        return "none";
    return grouped(*config.slidingWindow) +
           (layers < config.layers ? fmt::format(" in {} of {} layers", layers, config.layers)
                                   : std::string());
}

OrderedJson describe(const DecoderConfig& config)
{
    OrderedJson window = nullptr;
    if (config.slidingWindow)
        window = *config.slidingWindow;
    return {{"vocabulary", config.vocabulary}, {"context", config.context},
            {"layers", config.layers},         {"heads", config.heads},
            {"kv_heads", config.kvHeads},      {"head_dim", config.headDim},
            {"width", config.width},           {"mlp_width", config.mlpWidth},
            {"tied_head", config.tiedHead},    {"rope", describeRope(config)},
            {"sliding_window", window},        {"bos_id", config.bosId},
            {"eos_ids", config.eosIds}};
}

OrderedJson describeTensors(const ModelInspection& model)
{
    OrderedJson missing = OrderedJson::array();
    for (const ModelInspection::MissingTensor& tensor : model.missing)
        missing.push_back({{"name", tensor.name}, {"shape", tensor.shape}});
    OrderedJson illShaped = OrderedJson::array();
    for (const ModelInspection::IllShapedTensor& tensor : model.illShaped)
        illShaped.push_back(
            {{"name", tensor.name}, {"shape", tensor.shape}, {"expected", tensor.expected}});
    return {{"missing", missing}, {"ill_shaped", illShaped}, {"spare", model.spare}};
}

OrderedJson describe(const ModelInspection& model)
{
    OrderedJson stored = OrderedJson::array();
    for (const ModelInspection::Stored& one : model.stored)
        stored.push_back(
            {{"dtype", one.type}, {"tensors", one.tensors}, {"elements", one.elements}});
    OrderedJson vocabulary = nullptr;
    if (model.tokenizer.vocabulary)
        vocabulary = *model.tokenizer.vocabulary;
    OrderedJson json = {
        {"folder", model.folder.string()},
        {"loadable", model.loadable()},
        {"family", nullptr},
        {"architecture", model.architecture},
        {"model_type", model.modelType},
        {"parameters", nullptr},
        {"stored", stored},
        {"bytes", model.bytes},
        {"config", nullptr},
        {"tokenizer",
         {{"format", model.tokenizer.format},
          {"file", model.tokenizer.file},
          {"kind", model.tokenizer.kind},
          {"vocabulary", vocabulary},
          {"adds_bos", model.tokenizer.addsBos}}},
        {"chat_template", model.chatTemplate.state() != ChatTemplate::State::None},
        {"chat_template_state", idOf(model.chatTemplate.state())},
        {"files", {{"present", model.filesPresent}, {"missing", model.filesMissing}}},
        {"tensors", describeTensors(model)},
        {"problems", describe(model.problems)},
        {"warnings", describe(model.warnings)}};
    if (model.chatTemplate.state() == ChatTemplate::State::Unusable)
        json["chat_template_problem"] = model.chatTemplate.problem().text();
    if (model.parameters)
        json["parameters"] = *model.parameters;
    if (model.config) {
        json["family"] = model.config->family;
        json["config"] = describe(*model.config);
    }
    return json;
}

std::string orNone(const std::vector<std::string>& names)
{
    return names.empty() ? "none" : join(names, ", ");
}

/// The first names of many.
template <class Tensor, class Describe>
std::string firstOf(const std::vector<Tensor>& tensors, Describe describeOne)
{
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min(tensors.size(), kShownTensors); ++i)
        shown.push_back(describeOne(tensors[i]));
    const std::size_t rest = tensors.size() - shown.size();
    return join(shown, ", ") + (rest > 0 ? fmt::format(" and {} more", rest) : std::string());
}

class Listing {
public:
    explicit Listing(const ModelInspection& model)
        : m_model(model), m_table({{.title = "model"}, {.title = model.folder.string()}})
    {
    }

    std::string text()
    {
        addModel();
        addWeights();
        addTokenizer();
        addFiles();
        return m_table.text();
    }

private:
    void add(std::string what, std::string value)
    {
        m_table.addRow({std::move(what), std::move(value)});
    }

    void addModel()
    {
        add("family", m_model.config ? m_model.config->family : "unknown");
        add("architecture", m_model.architecture.empty() ? "unknown" : m_model.architecture);
        if (!m_model.config)
            return;
        const DecoderConfig& config = *m_model.config;
        if (m_model.adapter)
            add("adapter",
                fmt::format("LoRA of rank {}, alpha {:g}, on {}; the rest is of the model "
                            "that it changes",
                            m_model.adapter->rank, m_model.adapter->alpha,
                            join(m_model.adapter->modules, ", ")));
        add("parameters",
            grouped(*m_model.parameters) + (config.tiedHead ? " (the head is the embedding)" : ""));
        add("context", grouped(config.context));
        add("layers", grouped(config.layers));
        add("heads", fmt::format("{} of width {}, {} for keys and values", config.heads,
                                 config.headDim, config.kvHeads));
        add("width", grouped(config.width));
        add("MLP width", grouped(config.mlpWidth));
        add("vocabulary", grouped(config.vocabulary));
        add("positions", positionsText(config));
        add("sliding window", windowText(config));
    }

    void addWeights()
    {
        std::vector<std::string> stored;
        for (const ModelInspection::Stored& one : m_model.stored)
            stored.push_back(fmt::format("{} ({} tensors)", one.type, one.tensors));
        add("stored as", orNone(stored));
        add("on disk", bytesText(static_cast<double>(m_model.bytes)));
        if (!m_model.missing.empty())
            add("tensors missing", firstOf(m_model.missing, [](const auto& tensor) {
                    return tensor.name + " " + shapeText(tensor.shape);
                }));
        if (!m_model.illShaped.empty())
            add("ill-shaped", firstOf(m_model.illShaped, [](const auto& tensor) {
                    return fmt::format("{} {} instead of {}", tensor.name, shapeText(tensor.shape),
                                       shapeText(tensor.expected));
                }));
        if (!m_model.spare.empty())
            add("tensors unused",
                firstOf(m_model.spare, [](const std::string& name) { return name; }));
    }

    void addTokenizer()
    {
        const ModelInspection::TokenizerSummary& tokenizer = m_model.tokenizer;
        std::string text = tokenizer.format.empty() ? "none" : tokenizer.format;
        if (!tokenizer.kind.empty())
            text = tokenizer.kind;
        if (tokenizer.vocabulary)
            text += fmt::format(", {} tokens, {}", grouped(*tokenizer.vocabulary),
                                tokenizer.addsBos ? "adds BOS" : "no BOS");
        add("tokenizer", text);
        switch (m_model.chatTemplate.state()) {
        case ChatTemplate::State::None:
            add("chat template", "none");
            break;
        case ChatTemplate::State::Usable:
            add("chat template", "usable");
            break;
        case ChatTemplate::State::Unusable:
            add("chat template",
                "raw prompt, because " + printable(m_model.chatTemplate.problem().text()));
            break;
        }
    }

    void addFiles()
    {
        add("files", orNone(m_model.filesPresent));
        add("files missing", orNone(m_model.filesMissing));
    }

    const ModelInspection& m_model;
    TextTable m_table;
};

int run(const Arguments& arguments)
{
    const Result<ModelInspection> model = inspectModel(arguments.value("MODEL"));
    if (!model)
        return report(model.error());
    if (arguments.flag("json")) {
        JsonLines().write(describe(*model));
    } else {
        std::cout << Listing(*model).text() << std::flush;
        for (const Error& warning : model->warnings)
            std::cerr << "warning: " << printable(warning.text()) << "\n";
        for (const Error& problem : model->problems)
            std::cerr << "error: " << printable(problem.text()) << "\n";
    }
    return model->loadable() ? ExitDone : ExitBadInput;
}

} // namespace

Command inspectCommand()
{
    return {.name = "inspect",
            .summary = "what a model folder holds, from its headers: family, sizes, dtype, "
                       "tokenizer, files and tensors missing",
            .positionals = {{.name = "MODEL", .help = "a model's folder"}},
            .options = {{.name = "json", .help = "one JSON line instead of a table"}},
            .run = run};
}

} // namespace lacuna
