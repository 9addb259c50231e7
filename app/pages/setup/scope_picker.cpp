#include "app/pages/setup/scope_picker.h"

#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/setup/parameter_text.h"
#include "app/pages/setup/saliency_panel.h"
#include "app/pages/setup/scope_model.h"
#include "app/workspace.h"
#include "core/run/scope.h"
#include "widgets/form/fold.h"
#include "widgets/form/note_line.h"
#include "widgets/table/padded_delegate.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTreeHeight = 296;
constexpr int kRowHeight = 24;
constexpr int kNumberColumnWidth = 176;

/// Rows as high as in the tables, large enough to hit a check box.
class RowDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override
    {
        return QStyledItemDelegate::sizeHint(option, index).expandedTo(QSize(0, kRowHeight));
    }
};

/// What the description of the recipe's model is read from.
std::string sourceOf(const Recipe& recipe)
{
    return recipe.newModel
               ? recipe.newModel->config.dump() + std::to_string(recipe.newModel->vocabularySize)
               : recipe.model;
}

bool saysTheSame(const ScopeSpec& a, const ScopeSpec& b)
{
    return a.layers == b.layers && a.modules == b.modules &&
           a.adapter.has_value() == b.adapter.has_value();
}

} // namespace

ScopePicker::ScopePicker(Workspace& workspace, Background& background, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_background(background),
      m_model(new ScopeModel(this)), m_fold(new Fold), m_buttons(new QWidget),
      m_tree(new QTreeView), m_sum(new QLabel), m_note(new NoteLine), m_saliency(new SaliencyPanel)
{
    m_fold->setObjectName(u"scopeFold"_s);
    auto* buttons = new QHBoxLayout(m_buttons);
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->setSpacing(8);
    m_all = addAction("scopeAll", &ScopePicker::chooseAll);
    m_attention = addAction("scopeAttention", &ScopePicker::chooseAttention);
    m_mlp = addAction("scopeMlp", &ScopePicker::chooseMlp);
    m_from = addAction("scopeFrom", &ScopePicker::chooseFrom);
    buttons->addStretch();
    m_tree->setObjectName(u"scopeTree"_s);
    m_tree->setModel(m_model);
    m_tree->setUniformRowHeights(true); // or 80 blocks are measured one by one
    m_tree->setItemDelegate(new RowDelegate(m_tree));
    for (int column = ScopeModel::ParametersColumn; column < ScopeModel::ColumnCount; ++column)
        m_tree->setItemDelegateForColumn(column, new PaddedDelegate(m_tree));
    m_tree->setFixedHeight(kTreeHeight);
    m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->header()->setSectionsMovable(false);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(ScopeModel::NameColumn, QHeaderView::Stretch);
    for (int column = ScopeModel::ParametersColumn; column < ScopeModel::ColumnCount; ++column)
        m_tree->header()->resizeSection(column, kNumberColumnWidth);
    m_tree->setColumnHidden(ScopeModel::RatioColumn, true);
    m_sum->setObjectName(u"scopeSum"_s);
    m_note->setObjectName(u"scopeNote"_s);
    QVBoxLayout* content = m_fold->content();
    content->addWidget(m_buttons);
    content->addWidget(m_tree);
    content->addWidget(m_sum);
    content->addWidget(m_note);
    content->addWidget(m_saliency);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_fold);

    connect(m_fold, &Fold::toggled, this, &ScopePicker::toggled);
    connect(m_model, &ScopeModel::edited, this, &ScopePicker::write);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &ScopePicker::updateActions);
    connect(m_saliency, &SaliencyPanel::mapChanged, this, &ScopePicker::showSaliency);
    connect(m_saliency, &SaliencyPanel::suggestionAccepted, this, &ScopePicker::chooseSuggestion);
    retranslate();
    showState();
}

QAction* ScopePicker::addAction(const char* name, void (ScopePicker::*trigger)())
{
    auto* action = new QAction(this);
    connect(action, &QAction::triggered, this, trigger);
    m_tree->addAction(action);
    auto* button = new QToolButton;
    button->setObjectName(QString::fromLatin1(name));
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setMinimumHeight(24);
    m_buttons->layout()->addWidget(button);
    return action;
}

void ScopePicker::chooseAll()
{
    m_model->chooseAll();
}

void ScopePicker::chooseAttention()
{
    m_model->chooseOnly(PartKind::Attention);
}

void ScopePicker::chooseMlp()
{
    m_model->chooseOnly(PartKind::Mlp);
}

void ScopePicker::chooseFrom()
{
    m_model->chooseFrom(m_tree->currentIndex());
}

QString ScopePicker::problem() const
{
    return m_isEmpty ? tr("Nothing of the model is ticked: tick what is to be trained.")
                     : QString();
}

void ScopePicker::toggled(bool open)
{
    if (open) {
        m_source.clear(); // the model's folder may have changed
        follow(m_workspace.recipe());
    } else if (std::exchange(m_isEmpty, false)) {
        m_scope.reset(); // folded away, the recipe holds
        Q_EMIT changed();
    }
}

void ScopePicker::follow(const Recipe& recipe)
{
    m_saliency->follow(recipe); // folded away it must not keep what no longer holds
    if (!m_fold->isOpen())
        return;
    if (sourceOf(recipe) != m_source)
        read(recipe);
    else if (m_config)
        showScope();
}

void ScopePicker::read(const Recipe& recipe)
{
    m_source = sourceOf(recipe);
    m_config.reset();
    showSaliency();
    m_trouble = m_source.empty() ? tr("The model's parts appear here as soon as a model is chosen.")
                                 : QString();
    showState();
    if (m_source.empty())
        return;
    m_background.run(
        this, [recipe] { return modelOf(recipe); },
        [this, source = m_source](const Result<DecoderConfig>& config) {
            if (source == m_source)
                take(config);
        });
}

void ScopePicker::take(const Result<DecoderConfig>& config)
{
    if (!config) {
        m_trouble = errorText(config.error());
        return showState();
    }
    m_config = *config;
    m_model->setConfig(*config);
    m_scope.reset();
    showSaliency();
    showScope();
}

void ScopePicker::showSaliency()
{
    const std::optional<SaliencyMap>& map = m_saliency->map();
    // The tree may still be that of the model before, or of none.
    const bool fits = map && m_config && map->config == *m_config;
    m_model->setSaliency(fits ? map : std::nullopt);
    m_tree->setColumnHidden(ScopeModel::RatioColumn, !fits);
    m_saliency->setAcceptable(fits);
}

void ScopePicker::chooseSuggestion()
{
    m_model->choose(
        suggestedSlots(*m_saliency->map(), m_saliency->suggestion(), m_model->slotList()));
}

/// Ticks what the recipe's scope chooses; what it says already is left as it is.
void ScopePicker::showScope()
{
    const ScopeSpec& scope = m_workspace.recipe().scope;
    m_model->setAdapter(scope.adapter);
    if (m_scope && saysTheSame(scope, *m_scope)) {
        m_scope = scope;
        return showState();
    }
    m_scope = scope;
    m_trouble.clear();
    const bool wasEmpty = std::exchange(m_isEmpty, false);
    const Result<std::vector<bool>> chosen = chosenSlots(scope, *m_config, m_model->slotList());
    if (!chosen) {
        m_trouble = errorText(chosen.error());
        m_model->setChosen(std::vector<bool>(m_model->slotList().size(), false));
    } else {
        m_model->setChosen(*chosen);
        if (m_model->chosenParameters() == 0)
            m_trouble = tr("Layers and modules above name nothing that this model can train.");
    }
    showState();
    if (wasEmpty)
        Q_EMIT changed();
}

/// The ticks as a scope.
void ScopePicker::write()
{
    m_isEmpty = m_model->chosenParameters() == 0;
    if (!m_isEmpty) {
        const ScopeText text = scopeText(m_model->chosen(), *m_config, m_model->slotList());
        m_trouble.clear();
        m_scope->layers = text.layers;
        m_scope->modules = text.modules;
        m_workspace.edit([&](Recipe& recipe) {
            recipe.scope.layers = text.layers;
            recipe.scope.modules = text.modules;
        });
    }
    showState();
    Q_EMIT changed();
}

void ScopePicker::showState()
{
    const bool known = m_config.has_value();
    m_buttons->setEnabled(known);
    m_tree->setEnabled(known);
    m_sum->setVisible(known);
    if (known) {
        const std::int64_t part = m_model->chosenParameters();
        const std::int64_t whole = m_model->allParameters();
        const QString share = percentText(part, whole);
        m_sum->setText(
            m_scope && m_scope->adapter
                ? tr("Trained: %1 of the %2 parameters that an adapter of rank %3 can have (%4). "
                     "The model's own %5 stay as they are.")
                      .arg(countText(part), countText(whole))
                      .arg(m_scope->adapter->rank)
                      .arg(share, countText(m_config->parameterCount()))
                : tr("Trained: %1 of %2 parameters (%3).")
                      .arg(countText(part), countText(whole), share));
    }
    const QString words = m_isEmpty ? problem() : m_trouble;
    m_note->setVisible(!words.isEmpty());
    m_note->setNote(known ? MessageKind::Error : MessageKind::Info, words);
    updateActions();
}

void ScopePicker::updateActions()
{
    m_from->setEnabled(m_config && m_model->blockOf(m_tree->currentIndex()));
}

void ScopePicker::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void ScopePicker::retranslate()
{
    m_fold->setTitle(tr("Choose in the model\u2026"));
    m_tree->setAccessibleName(tr("Parts of the model to train"));
    const auto setAction = [](QAction* action, const QString& name, const QString& help) {
        action->setText(name);
        action->setToolTip(help);
    };
    setAction(m_all, tr("Everything"), tr("Tick all that can be trained."));
    setAction(m_attention, tr("Only the attention"),
              tr("In every block in which anything is ticked, its attention and nothing else."));
    setAction(m_mlp, tr("Only the MLP"),
              tr("In every block in which anything is ticked, its MLP and nothing else."));
    setAction(m_from, tr("This block and above"),
              tr("What is ticked in the block that is marked, or all of it, there and in every "
                 "later block."));
    m_model->retranslate();
    showState();
}

} // namespace lacuna
