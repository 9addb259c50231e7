#include "core/exchange/gguf_export.h"

#include "core/exchange/folder_facts.h"
#include "core/exchange/gguf_family.h"
#include "core/exchange/gguf_tokenizer.h"
#include "core/models/weight_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// One tensor of the source, row by row as it stands in the GGUF.
class SourceRows {
public:
    SourceRows(const TensorEntry& entry, Rearrangement how, const GgufSizes& sizes)
        : m_entry(entry), m_how(how), m_sizes(sizes)
    {
        const std::vector<std::int64_t>& shape = entry.shape;
        m_stored = shape.size() == 2 ? shape[1] : 1;
    }

    /// \param columns  of a row in the GGUF; 1 for the numbers of a vector
    void read(std::int64_t first, std::int64_t columns, std::span<float> out) const
    {
        const std::int64_t rows = static_cast<std::int64_t>(out.size()) / columns;
        if (m_how == Rearrangement::Transpose) {
            readTransposed(first, rows, columns, out);
            return;
        }
        for (std::int64_t i = 0; i < rows; ++i)
            readRun(sourceRow(first + i) * columns,
                    out.subspan(static_cast<std::size_t>(i * columns),
                                static_cast<std::size_t>(columns)));
        if (m_how == Rearrangement::PlusOne)
            for (float& value : out)
                value += 1.0F;
    }

private:
    void readRun(std::int64_t first, std::span<float> out) const
    {
        const std::size_t size = elementSize(m_entry.type);
        readFloats(m_entry.type,
                   m_entry.bytes.subspan(static_cast<std::size_t>(first) * size, out.size() * size),
                   out);
    }

    /// The row of the source that becomes row \p row.
    [[nodiscard]] std::int64_t sourceRow(std::int64_t row) const
    {
        const std::int64_t width = m_sizes.headWidth;
        const std::int64_t within = row % width;
        switch (m_how) {
        case Rearrangement::QueryPairs:
        case Rearrangement::KeyPairs: // heads may differ in number, not in width
            return row - within + within / 2 + within % 2 * (width / 2);
        case Rearrangement::PartsOfHeads: {
            const std::int64_t part = row / (m_sizes.heads * width);
            const std::int64_t head = row / width % m_sizes.heads;
            return (head * 3 + part) * width + within;
        }
        case Rearrangement::AsStored:
        case Rearrangement::Transpose:
        case Rearrangement::PlusOne:
            break;
        }
        return row;
    }

    /// Row r of the result is column r of the source: a run of the wanted columns is read from each
    /// row of the source, so that memory is walked over in its own order.
    void readTransposed(std::int64_t first, std::int64_t rows, std::int64_t columns,
                        std::span<float> out) const
    {
        std::vector<float> run(static_cast<std::size_t>(rows));
        for (std::int64_t column = 0; column < columns; ++column) {
            readRun(column * m_stored + first, run);
            for (std::int64_t row = 0; row < rows; ++row)
                out[static_cast<std::size_t>(row * columns + column)] =
                    run[static_cast<std::size_t>(row)];
        }
    }

    const TensorEntry& m_entry; // in the mapped file
    Rearrangement m_how;
    GgufSizes m_sizes;
    std::int64_t m_stored; ///< columns of the source
};

/// Finds each tensor of the family in the folder, and what is left over.
class TensorPlan {
public:
    TensorPlan(const GgufFamily& family, const GgufDescription& description,
               const WeightFiles& weights, GgufType type)
        : m_family(family), m_description(description), m_weights(weights), m_type(type)
    {
        for (const std::string& name : weights.names())
            m_unused.insert(name);
    }

    Result<std::vector<GgufTensorToWrite>> plan()
    {
        // Tensors outside of the layers come first or last, as the family lists them.
        for (const GgufTensorRule& rule : m_family.tensors)
            if (rule.target == "token_embd" || rule.target == "position_embd")
                if (const Status status = add(rule, 0); !status)
                    return status.error();
        addComputed();
        for (std::int64_t layer = 0; layer < m_description.sizes.layers; ++layer)
            for (const GgufTensorRule& rule : m_family.tensors)
                if (rule.source.find("{}") != std::string_view::npos)
                    if (const Status status = add(rule, layer); !status)
                        return status.error();
        for (const GgufTensorRule& rule : m_family.tensors)
            if (rule.target == "output_norm" || rule.target == "output")
                if (const Status status = add(rule, 0); !status)
                    return status.error();
        if (const Status status = checkUnused(); !status)
            return status.error();
        return std::move(m_tensors);
    }

private:
    static std::string filled(std::string_view name, std::int64_t layer)
    {
        std::string text(name);
        if (const std::size_t at = text.find("{}"); at != std::string::npos)
            text.replace(at, 2, std::to_string(layer));
        return text;
    }

    /// By its name, or without the prefix that some files leave out.
    const TensorEntry* take(const std::string& name)
    {
        std::string found = name;
        const TensorEntry* entry = m_weights.find(found);
        if (!entry && !m_family.prefix.empty() && name.starts_with(m_family.prefix)) {
            found = name.substr(m_family.prefix.size());
            entry = m_weights.find(found);
        }
        if (entry)
            m_unused.erase(found);
        return entry;
    }

    Status add(const GgufTensorRule& rule, std::int64_t layer)
    {
        const std::string source = filled(rule.source, layer);
        const std::string target = filled(rule.target, layer);
        const std::int64_t rows = m_description.sizes.of(rule.rows);
        const std::int64_t columns = m_description.sizes.of(rule.columns);
        const std::string weight = source + ".weight";
        if (weight == m_family.head && m_description.sizes.tied)
            return dropTiedHead(weight);
        if (const Status status = addOne(weight, target + ".weight", rows,
                                         rule.columns == Extent::None ? 0 : columns, rule.how);
            !status)
            return status;
        const std::string bias = source + ".bias";
        const bool present = m_weights.find(bias) != nullptr || rule.bias == BiasRule::Always;
        if (rule.bias == BiasRule::Never || !present)
            return {};
        // The numbers of a bias stand in the order of the rows; there is nothing to transpose.
        return addOne(bias, target + ".bias", rows, 0,
                      rule.how == Rearrangement::Transpose ? Rearrangement::AsStored : rule.how);
    }

    /// \param columns  0: a vector
    Status addOne(const std::string& source, const std::string& target, std::int64_t rows,
                  std::int64_t columns, Rearrangement how)
    {
        const TensorEntry* entry = take(source);
        std::vector<std::int64_t> shape =
            columns == 0 ? std::vector{rows} : std::vector{rows, columns};
        if (how == Rearrangement::Transpose)
            std::ranges::reverse(shape);
        if (!entry)
            return Error{.code = ErrorCode::Corrupt,
                         .message =
                             fmt::format("the tensor {} {} is missing", source, shapeText(shape)),
                         .remedy = "config.json and the weights do not belong together, or a "
                                   "shard is missing"};
        if (entry->shape != shape)
            return Error{.code = ErrorCode::Corrupt,
                         .message = fmt::format("the tensor {} has the shape {}, but config.json "
                                                "asks for {}",
                                                source, shapeText(entry->shape), shapeText(shape)),
                         .remedy = "config.json and the weights do not belong together"};
        if (!isFloating(entry->type))
            return Error{.code = ErrorCode::Unsupported,
                         .message = fmt::format("the tensor {} holds {} elements", source,
                                                elementTypeName(entry->type)),
                         .remedy = "convert the model to F32, F16 or BF16"};
        const SourceRows numbers(*entry, how, m_description.sizes);
        GgufTensorToWrite tensor{.name = target,
                                 .dims =
                                     columns == 0 ? std::vector{rows} : std::vector{columns, rows},
                                 .type = typeOf(target, columns)};
        if (columns == 0)
            tensor.rows = [numbers](std::uint64_t, std::span<float> out) {
                numbers.read(0, 1, out);
            };
        else
            tensor.rows = [numbers, columns](std::uint64_t first, std::span<float> out) {
                numbers.read(static_cast<std::int64_t>(first), columns, out);
            };
        m_tensors.push_back(std::move(tensor));
        return {};
    }

    /// llama.cpp wants vectors and the table of positions in F32.
    [[nodiscard]] GgufType typeOf(const std::string& target, std::int64_t columns) const
    {
        if (columns == 0 || target == "position_embd.weight")
            return GgufType::F32;
        if (static_cast<std::size_t>(columns) % ggufBlock(m_type) != 0)
            return GgufType::F16;
        return m_type;
    }

    /// A tied model may carry its table a second time as the head.
    Status dropTiedHead(const std::string& head)
    {
        const TensorEntry* stored = take(head);
        const GgufTensorRule& table = m_family.tensors.front();
        const TensorEntry* embedding = take(std::string(table.source) + ".weight");
        if (stored && (!embedding || !std::ranges::equal(stored->bytes, embedding->bytes)))
            return Error{.code = ErrorCode::Corrupt,
                         .message = fmt::format("the tensor {} differs from the embedding, though "
                                                "config.json says that they are one",
                                                head),
                         .remedy = "set tie_word_embeddings to false if the model has two"};
        return {};
    }

    void addComputed()
    {
        for (const GgufComputedTensor& computed : m_description.computed)
            m_tensors.push_back(
                {.name = computed.name,
                 .dims = {static_cast<std::int64_t>(computed.values.size())},
                 .type = GgufType::F32,
                 .rows = [values = computed.values](std::uint64_t, std::span<float> out) {
                     std::ranges::copy(values, out.begin());
                 }});
    }

    Status checkUnused()
    {
        std::erase_if(m_unused, [this](const std::string& name) {
            return std::ranges::any_of(m_family.buffers,
                                       [&](std::string_view end) { return name.ends_with(end); });
        });
        if (m_unused.empty())
            return {};
        return Error{.code = ErrorCode::Unsupported,
                     .message =
                         fmt::format("the tensor {} has no place in llama.cpp's "
                                     "architecture \"{}\"{}",
                                     *m_unused.begin(), m_family.architecture,
                                     m_unused.size() > 1
                                         ? fmt::format(", nor have {} others", m_unused.size() - 1)
                                         : ""),
                     .remedy = "export as safetensors"};
    }

    const GgufFamily& m_family;
    const GgufDescription& m_description;
    const WeightFiles& m_weights;
    GgufType m_type;
    std::set<std::string> m_unused; // names of the source
    std::vector<GgufTensorToWrite> m_tensors;
};

/// general.file_type, llama.cpp's llama_ftype: what most matrices are.
std::uint32_t fileType(GgufType type)
{
    switch (type) {
    case GgufType::F32:
        return 0;
    case GgufType::F16:
        return 1;
    case GgufType::Q8_0:
        return 7;
    case GgufType::BF16:
        return 32;
    }
    return 0;
}

/// The type that keeps the source's matrices as they are.
GgufType typeOfSource(const WeightFiles& weights)
{
    const TensorEntry* largest = nullptr;
    for (const std::string& name : weights.names())
        if (const TensorEntry* entry = weights.find(name);
            !largest || entry->elementCount() > largest->elementCount())
            largest = entry;
    const ElementType type = largest ? largest->type : ElementType::F32;
    return type == ElementType::BF16  ? GgufType::BF16
           : type == ElementType::F16 ? GgufType::F16
                                      : GgufType::F32;
}

void addGeneral(const GgufExport& what, const GgufFamily& family, GgufType type,
                GgufMetadata& metadata)
{
    const FolderFacts facts = folderFacts(what.source);
    metadata.addText("general.architecture", family.architecture);
    metadata.addText("general.type", "model");
    metadata.addText("general.name", what.name.empty() ? facts.name : what.name);
    if (!facts.license.empty())
        metadata.addText("general.license", facts.license);
    const std::string& base = what.baseModel.empty() ? facts.baseModel : what.baseModel;
    if (!base.empty()) {
        metadata.addU32("general.base_model.count", 1);
        const std::size_t slash = base.find('/');
        metadata.addText("general.base_model.0.name",
                         slash == std::string::npos ? base : base.substr(slash + 1));
        if (slash != std::string::npos)
            metadata.addText("general.base_model.0.organization", base.substr(0, slash));
    }
    metadata.addU32("general.file_type", fileType(type));
    metadata.addU32("general.quantization_version", 2);
    metadata.addU32("general.alignment", 32);
}

/// All that is written, and what it is taken from.
struct Prepared {
    GgufDescription description;
    WeightFiles weights;
    GgufMetadata metadata = {};
    std::vector<GgufTensorToWrite> tensors = {}; ///< into `weights`
    GgufExportReport report = {};
};

Result<Prepared> prepare(const GgufExport& what)
{
    const Result<Json> config = readJsonFile(what.source / "config.json");
    if (!config)
        return config.error();
    const std::string place = what.source.string();
    const Result<const GgufFamily*> family = ggufFamily(*config);
    if (!family)
        return family.error().at(place);
    Result<GgufDescription> description = describeForGguf(**family, *config);
    if (!description)
        return description.error().at(place);
    Result<WeightFiles> weights = WeightFiles::open(what.source);
    if (!weights)
        return weights.error();
    Prepared all{.description = std::move(description).value(),
                 .weights = std::move(weights).value()};
    GgufExportReport& report = all.report;
    report.architecture = std::string((*family)->architecture);
    report.type = what.type.value_or(typeOfSource(all.weights));
    report.warnings = all.description.warnings;
    Result<std::vector<GgufTensorToWrite>> tensors =
        TensorPlan(**family, all.description, all.weights, report.type).plan();
    if (!tensors)
        return tensors.error().at(place);
    all.tensors = std::move(tensors).value();
    report.tensors = all.tensors.size();
    addGeneral(what, **family, report.type, all.metadata);
    all.metadata.append(all.description.metadata);
    if (const Status status = addGgufTokenizer(
            what.source, *config, all.description.sizes.vocabulary, all.metadata, report.warnings);
        !status)
        return status.error();
    return all;
}

} // namespace

Result<GgufExportReport> planGgufExport(const GgufExport& what)
{
    const Result<Prepared> prepared = prepare(what);
    if (!prepared)
        return prepared.error();
    GgufExportReport report = prepared->report;
    report.bytes = prepared->metadata.bytes().size();
    for (const GgufTensorToWrite& tensor : prepared->tensors)
        report.bytes += ggufBytes(tensor.type, tensor.rowCount() *
                                                   static_cast<std::uint64_t>(tensor.dims.front()));
    return report;
}

Result<GgufExportReport> exportGguf(const GgufExport& what, Progress& progress)
{
    const Result<Prepared> prepared = prepare(what);
    if (!prepared)
        return prepared.error();
    GgufExportReport report = prepared->report;
    const auto removed = [&](Result<GgufExportReport> outcome) {
        std::error_code ignored;
        fs::remove(what.target, ignored);
        return outcome;
    };
    Result<Ending> ending = writeGguf(what.target, prepared->metadata, prepared->tensors, progress);
    if (!ending)
        return ending.error();
    report.ending = *ending;
    if (report.ending == Ending::Cancelled)
        return report;
    ending = compareGguf(what.target, prepared->metadata, prepared->tensors, progress);
    if (!ending)
        return removed(ending.error());
    report.ending = *ending;
    if (report.ending == Ending::Cancelled)
        return removed(report);
    std::error_code ignored;
    report.bytes = fs::file_size(what.target, ignored);
    return report;
}

} // namespace lacuna
