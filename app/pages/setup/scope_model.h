#pragma once

#include "core/models/config.h"
#include "core/models/model_parts.h"
#include "core/run/recipe.h"
#include "core/run/saliency_map.h"

#include <QAbstractItemModel>

#include <cstdint>
#include <optional>
#include <vector>

namespace lacuna {

/// A model's parts as a tree with check boxes, ticked where a run trains them; with what each part
/// has of the parameters, and how much more it matters to the forget set where that was found. A
/// part of which some is trained is half ticked.
class ScopeModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column : std::uint8_t {
        NameColumn,
        ParametersColumn,
        ShareColumn,
        RatioColumn, ///< of a saliency map; empty without one
        ColumnCount
    };

    using QAbstractItemModel::QAbstractItemModel;

    /// Another model; nothing is ticked.
    void setConfig(const DecoderConfig& config);
    /// With an adapter only what it can change can be ticked, and the parameters are its own. Of
    /// another rank it keeps the ticks; otherwise nothing is ticked.
    void setAdapter(const std::optional<AdapterSpec>& adapter);

    /// Of this model; nothing: none is known.
    void setSaliency(const std::optional<SaliencyMap>& map);

    /// What can be ticked: weightSlots(), or adaptableSlots() with an adapter.
    [[nodiscard]] const std::vector<WeightSlot>& slotList() const { return m_slots; }
    /// Of each of slotList(), whether it is ticked.
    [[nodiscard]] const std::vector<bool>& chosen() const { return m_chosen; }
    /// Silent towards `edited`.
    void setChosen(const std::vector<bool>& chosen);

    [[nodiscard]] std::int64_t chosenParameters() const;
    [[nodiscard]] std::int64_t allParameters() const;

    /// As setChosen(), by the person.
    void choose(std::vector<bool> chosen);
    void chooseAll();
    /// The parts of that kind (Attention or Mlp) of every block in which anything is ticked, of all
    /// blocks when nothing is; and nothing else.
    void chooseOnly(PartKind kind);
    /// What is ticked in the block of \p index, or all of it, in that block and in those after it;
    /// and nothing else.
    void chooseFrom(const QModelIndex& index);
    /// The block that \p index is or is in.
    [[nodiscard]] std::optional<std::int64_t> blockOf(const QModelIndex& index) const;

    [[nodiscard]] QModelIndex index(int row, int column,
                                    const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& index) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;
    /// Words and numbers anew, in another language.
    void retranslate();

Q_SIGNALS:
    /// By the person.
    void edited();

private:
    struct Node {
        PartKind kind = PartKind::Module;
        std::int64_t layer = -1;
        QString name;
        int parent = -1; ///< -1: at the top
        int row = 0;
        std::vector<int> children = {};
        std::vector<std::size_t> weights;      ///< indices into weightSlots()
        std::vector<std::size_t> slotIds = {}; ///< indices into m_slots
        std::int64_t parameters = 0;           ///< of m_slots
    };

    void addNodes(const std::vector<ModelPart>& parts, int parent);
    void countNodes();
    void refresh();
    [[nodiscard]] QVariant saliencyData(const Node& node, int role) const;
    [[nodiscard]] const Node& node(const QModelIndex& index) const;
    [[nodiscard]] const std::vector<int>& childrenOf(const QModelIndex& parent) const;
    [[nodiscard]] std::int64_t parametersOf(const WeightSlot& slot) const;
    [[nodiscard]] Qt::CheckState stateOf(const Node& node) const;
    [[nodiscard]] QString nameOf(const Node& node) const;
    [[nodiscard]] QString toolTipOf(const Node& node) const;
    [[nodiscard]] bool isTouched(const Node& node) const;

    DecoderConfig m_config;
    std::optional<AdapterSpec> m_adapter;
    std::vector<WeightSlot> m_weights; ///< weightSlots()
    std::vector<WeightSlot> m_slots;
    std::vector<bool> m_chosen;
    std::optional<SaliencyMap> m_saliency;
    std::optional<RatioScale> m_scale; ///< of m_saliency
    std::vector<Node> m_nodes;
    std::vector<int> m_top;
};

} // namespace lacuna
