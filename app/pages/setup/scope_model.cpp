#include "app/pages/setup/scope_model.h"

#include "app/pages/setup/parameter_text.h"
#include "core/models/adapter_files.h"
#include "core/models/family.h"
#include "widgets/base/colors.h"

#include <QLocale>

#include <algorithm>
#include <numeric>

namespace lacuna {

using namespace Qt::StringLiterals;

void ScopeModel::setConfig(const DecoderConfig& config)
{
    beginResetModel();
    m_config = config;
    m_weights = weightSlots(config);
    m_saliency.reset();
    m_nodes.clear();
    m_top.clear();
    addNodes(modelParts(config), -1);
    countNodes();
    endResetModel();
}

void ScopeModel::setAdapter(const std::optional<AdapterSpec>& adapter)
{
    if (m_adapter.has_value() == adapter.has_value() &&
        (!adapter || adapter->rank == m_adapter->rank))
        return;
    // Another rank has other numbers, but the same matrices.
    std::vector<bool> kept;
    if (m_adapter && adapter)
        kept = m_chosen;
    m_adapter = adapter;
    countNodes();
    if (!kept.empty())
        m_chosen = std::move(kept);
    refresh();
}

void ScopeModel::setSaliency(const std::optional<SaliencyMap>& map)
{
    if (map && map->config != m_config)
        throw std::logic_error("a saliency map of another model");
    m_saliency = map;
    if (map)
        m_scale.emplace(saliencyUnits(*map));
    refresh();
}

void ScopeModel::addNodes(const std::vector<ModelPart>& parts, int parent)
{
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto id = static_cast<int>(m_nodes.size());
        m_nodes.push_back({.kind = parts[i].kind,
                           .layer = parts[i].layer,
                           .name = QString::fromStdString(parts[i].name),
                           .parent = parent,
                           .row = static_cast<int>(i),
                           .weights = parts[i].slots});
        (parent < 0 ? m_top : m_nodes[static_cast<std::size_t>(parent)].children).push_back(id);
        addNodes(parts[i].parts, id);
    }
}

/// What of each part can be ticked, and how many parameters that is.
void ScopeModel::countNodes()
{
    m_slots = m_adapter ? adaptableSlots(m_config) : m_weights;
    m_chosen.assign(m_slots.size(), false);
    // Both lists are in the order of the blocks; a slot of an adapter lacks the ".weight".
    std::vector<std::optional<std::size_t>> idOf(m_weights.size());
    for (std::size_t weight = 0, id = 0; weight < m_weights.size() && id < m_slots.size(); ++weight)
        if (m_weights[weight].name == m_slots[id].name ||
            m_weights[weight].name == m_slots[id].name + ".weight")
            idOf[weight] = id++;
    for (Node& node : m_nodes) {
        node.slotIds.clear();
        node.parameters = 0;
        for (const std::size_t weight : node.weights)
            if (const auto& id = idOf[weight]) {
                node.slotIds.push_back(*id);
                node.parameters += parametersOf(m_slots[*id]);
            }
    }
}

std::int64_t ScopeModel::parametersOf(const WeightSlot& slot) const
{
    if (m_adapter)
        return m_adapter->rank *
               std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{0});
    return std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                           std::multiplies<>());
}

void ScopeModel::setChosen(const std::vector<bool>& chosen)
{
    if (chosen.size() != m_slots.size())
        throw std::logic_error("another number of slots");
    if (chosen == m_chosen)
        return;
    m_chosen = chosen;
    refresh();
}

std::int64_t ScopeModel::chosenParameters() const
{
    std::int64_t sum = 0;
    for (std::size_t id = 0; id < m_slots.size(); ++id)
        sum += m_chosen[id] ? parametersOf(m_slots[id]) : 0;
    return sum;
}

std::int64_t ScopeModel::allParameters() const
{
    return std::accumulate(
        m_slots.begin(), m_slots.end(), std::int64_t{0},
        [this](std::int64_t sum, const WeightSlot& slot) { return sum + parametersOf(slot); });
}

void ScopeModel::choose(std::vector<bool> chosen)
{
    if (chosen == m_chosen)
        return;
    m_chosen = std::move(chosen);
    refresh();
    Q_EMIT edited();
}

void ScopeModel::chooseAll()
{
    choose(std::vector<bool>(m_slots.size(), true));
}

bool ScopeModel::isTouched(const Node& node) const
{
    return std::any_of(node.slotIds.begin(), node.slotIds.end(),
                       [this](std::size_t id) { return m_chosen[id]; });
}

void ScopeModel::chooseOnly(PartKind kind)
{
    const bool anyTouched = std::any_of(m_nodes.begin(), m_nodes.end(), [this](const Node& one) {
        return one.kind == PartKind::Block && isTouched(one);
    });
    std::vector<bool> chosen(m_slots.size(), false);
    for (const Node& one : m_nodes) {
        if (one.kind != kind)
            continue;
        if (!anyTouched || isTouched(m_nodes[static_cast<std::size_t>(one.parent)]))
            for (const std::size_t id : one.slotIds)
                chosen[id] = true;
    }
    choose(std::move(chosen));
}

std::optional<std::int64_t> ScopeModel::blockOf(const QModelIndex& index) const
{
    if (!index.isValid() || node(index).layer < 0)
        return std::nullopt;
    return node(index).layer;
}

void ScopeModel::chooseFrom(const QModelIndex& index)
{
    const std::optional<std::int64_t> first = blockOf(index);
    if (!first)
        return;
    const auto block = std::find_if(m_nodes.begin(), m_nodes.end(), [&](const Node& one) {
        return one.kind == PartKind::Block && one.layer == *first;
    });
    const bool whole = !isTouched(*block);
    std::vector<bool> chosen(m_slots.size(), false);
    for (const Node& one : m_nodes)
        if (one.kind == PartKind::Block && one.layer >= *first) // blocks are alike, slot by slot
            for (std::size_t i = 0; i < one.slotIds.size(); ++i)
                chosen[one.slotIds[i]] = whole || m_chosen[block->slotIds[i]];
    choose(std::move(chosen));
}

QModelIndex ScopeModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column,
                       static_cast<quintptr>(childrenOf(parent)[static_cast<std::size_t>(row)]));
}

QModelIndex ScopeModel::parent(const QModelIndex& index) const
{
    if (!index.isValid() || node(index).parent < 0)
        return {};
    const int id = node(index).parent;
    return createIndex(m_nodes[static_cast<std::size_t>(id)].row, 0, static_cast<quintptr>(id));
}

int ScopeModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(childrenOf(parent).size());
}

int ScopeModel::columnCount(const QModelIndex&) const
{
    return ColumnCount;
}

const ScopeModel::Node& ScopeModel::node(const QModelIndex& index) const
{
    return m_nodes[static_cast<std::size_t>(index.internalId())];
}

const std::vector<int>& ScopeModel::childrenOf(const QModelIndex& parent) const
{
    return parent.isValid() ? node(parent).children : m_top;
}

Qt::CheckState ScopeModel::stateOf(const Node& node) const
{
    const auto ticked = static_cast<std::size_t>(std::count_if(
        node.slotIds.begin(), node.slotIds.end(), [this](std::size_t id) { return m_chosen[id]; }));
    return ticked == 0                     ? Qt::Unchecked
           : ticked == node.slotIds.size() ? Qt::Checked
                                           : Qt::PartiallyChecked;
}

QString ScopeModel::nameOf(const Node& node) const
{
    switch (node.kind) {
    case PartKind::Embedding:
        return m_config.tiedHead ? tr("Embedding, also the head") : tr("Embedding");
    case PartKind::Block:
        return tr("Block %1").arg(node.layer);
    case PartKind::Attention:
        return tr("Attention");
    case PartKind::Mlp:
        return tr("MLP");
    case PartKind::Norms:
        return tr("Norms");
    case PartKind::FinalNorm:
        return tr("Final norm");
    case PartKind::Head:
        return tr("Head");
    case PartKind::Module:
        break;
    }
    return node.name;
}

QString ScopeModel::toolTipOf(const Node& node) const
{
    if (node.slotIds.empty())
        return tr("An adapter changes the matrices of blocks only.");
    if (node.kind != PartKind::Module)
        return {};
    QStringList lines;
    for (const std::size_t weight : node.weights) {
        QStringList sizes;
        for (const std::int64_t size : m_weights[weight].shape)
            sizes << QString::number(size);
        lines << QString::fromStdString(m_weights[weight].name) + u"  "_s +
                     sizes.join(u" \u00D7 "_s);
    }
    return lines.join(u'\n');
}

QVariant ScopeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Node& one = node(index);
    if (index.column() == RatioColumn)
        return saliencyData(one, role);
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == NameColumn)
            return nameOf(one);
        if (one.slotIds.empty())
            return u"\u2013"_s;
        return index.column() == ParametersColumn ? QLocale().toString(qint64{one.parameters})
                                                  : percentText(one.parameters, allParameters());
    case Qt::CheckStateRole:
        return index.column() == NameColumn && !one.slotIds.empty() ? QVariant(stateOf(one))
                                                                    : QVariant();
    case Qt::ToolTipRole:
        return toolTipOf(one);
    case Qt::TextAlignmentRole:
        return index.column() == NameColumn ? QVariant()
                                            : QVariant(Qt::AlignTrailing | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant ScopeModel::saliencyData(const Node& node, int role) const
{
    if (!m_saliency)
        return {};
    const Saliency saliency = m_saliency->of(node.weights);
    const QColor heat = probabilityColor(m_scale->place(saliency.ratio()));
    switch (role) {
    case Qt::DisplayRole:
        return ratioText(saliency.ratio());
    case Qt::BackgroundRole:
        return heat;
    case Qt::ForegroundRole:
        return textOn(heat);
    case Qt::ToolTipRole:
        return tr("Mean |gradient| \u00D7 |weight|: %1 on the forget set, %2 on the retain set.")
            .arg(QLocale().toString(saliency.forgetMean(), 'e', 3),
                 QLocale().toString(saliency.retainMean(), 'e', 3));
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignTrailing | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool ScopeModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid() || role != Qt::CheckStateRole || index.column() != NameColumn)
        return false;
    std::vector<bool> chosen = m_chosen;
    for (const std::size_t id : node(index).slotIds)
        chosen[id] = value.toInt() == Qt::Checked;
    choose(std::move(chosen));
    return true;
}

Qt::ItemFlags ScopeModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    // What an adapter cannot change still shows where the model's parameters are.
    if (node(index).slotIds.empty())
        return Qt::ItemIsSelectable;
    Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled;
    if (index.column() == NameColumn)
        flags |= Qt::ItemIsUserCheckable;
    if (node(index).children.empty())
        flags |= Qt::ItemNeverHasChildren;
    return flags;
}

QVariant ScopeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == NameColumn ? QVariant(Qt::AlignLeading | Qt::AlignVCenter)
                                     : QVariant(Qt::AlignTrailing | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Part");
    case ParametersColumn:
        return m_adapter ? tr("Parameters of the adapter") : tr("Parameters");
    case RatioColumn:
        return tr("Forget over retain");
    default:
        return m_adapter ? tr("Share of the adapter") : tr("Share of the model");
    }
}

void ScopeModel::retranslate()
{
    refresh();
}

/// Every cell may look different, but all are where they were.
void ScopeModel::refresh()
{
    if (m_nodes.empty())
        return;
    const auto refreshIn = [this](const QModelIndex& parent) {
        Q_EMIT dataChanged(index(0, 0, parent),
                           index(rowCount(parent) - 1, ColumnCount - 1, parent));
    };
    refreshIn({});
    for (std::size_t id = 0; id < m_nodes.size(); ++id)
        if (!m_nodes[id].children.empty())
            refreshIn(createIndex(m_nodes[id].row, 0, static_cast<quintptr>(id)));
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

} // namespace lacuna
