#include "app/pages/setup/model_card.h"

#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/setup/recent_paths.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "core/base/text.h"
#include "core/models/family.h"
#include "widgets/base/prompts.h"
#include "widgets/form/fact_table.h"
#include "widgets/form/note_line.h"

#include <QLocale>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMostNotes = 6;

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

QString sizeText(std::uint64_t bytes)
{
    return text(bytesText(static_cast<double>(bytes)));
}

QString tokenizerText(const ModelInspection::TokenizerSummary& tokenizer, const QLocale& locale)
{
    if (tokenizer.kind.empty())
        return ModelCard::tr("none that can be read");
    return ModelCard::tr("%1, %2 tokens, %3")
        .arg(text(tokenizer.kind), locale.toString(qint64{tokenizer.vocabulary.value_or(0)}),
             tokenizer.addsBos ? ModelCard::tr("begins texts with a marker (BOS)")
                               : ModelCard::tr("adds no marker (BOS) in front"));
}

QString templateText(const ChatTemplate& chatTemplate)
{
    switch (chatTemplate.state()) {
    case ChatTemplate::State::Usable:
        return ModelCard::tr("yes");
    case ChatTemplate::State::Unusable:
        return ModelCard::tr("cannot be evaluated: %1 → raw prompt")
            .arg(errorText(chatTemplate.problem()));
    case ChatTemplate::State::None:
        break;
    }
    return ModelCard::tr("none");
}

} // namespace

ModelCard::ModelCard(Services& services, QWidget* parent) : SetupCard(services, parent)
{
    setObjectName(u"modelCard"_s);
    m_model.picker = new PathPicker(PathPicker::Kind::Folder, this);
    m_model.picker->setObjectName(u"modelPicker"_s);
    m_model.assign = [](Recipe& recipe, const std::string& path) {
        recipe.model = path;
        recipe.newModel.reset();
    };
    m_reference.picker = new PathPicker(PathPicker::Kind::Folder, this);
    m_reference.picker->setObjectName(u"referencePicker"_s);
    m_reference.assign = [](Recipe& recipe, const std::string& path) { recipe.reference = path; };
    m_facts = new FactTable(this);
    m_facts->setObjectName(u"modelFacts"_s);
    m_notes = new QWidget(this);
    body()->addWidget(m_model.picker);
    body()->addWidget(m_facts);
    body()->addWidget(m_notes);
    body()->addWidget(m_reference.picker);
    connectPicker(m_model);
    connectPicker(m_reference);
    retranslate();
    updateRecent();
}

void ModelCard::follow(const Recipe& recipe)
{
    m_isNew = recipe.newModel.has_value();
    for (const auto& [place, path] : {std::pair{&m_model, m_isNew ? QString() : text(recipe.model)},
                                      std::pair{&m_reference, text(recipe.reference)}})
        if (place->picker->path() != path)
            inspect(*place, path);
    showModel();
}

CheckState ModelCard::modelState() const
{
    if (m_isNew)
        return CheckState::Done;
    if (m_model.picker->path().isEmpty())
        return CheckState::Missing;
    if (!m_model.read)
        return CheckState::Working;
    return *m_model.read && (*m_model.read)->loadable() ? CheckState::Done : CheckState::Problem;
}

QString ModelCard::problem() const
{
    if (modelState() != CheckState::Problem)
        return {};
    return errorText(*m_model.read ? (*m_model.read)->problems.front() : m_model.read->error());
}

void ModelCard::retranslate()
{
    setTitle(tr("1  Model"), tr("What is to forget. The folder of a language model as "
                                "Hugging Face stores it: config.json, safetensors, tokenizer."));
    m_model.picker->setTexts(tr("Model folder"), tr("Drop a model folder here, or browse."));
    m_reference.picker->setTexts(
        tr("Reference (optional)"),
        tr("A model trained without the forget set: what perfect forgetting would look like."));
    showPlace(m_model);
    showPlace(m_reference);
    showModel();
}

void ModelCard::connectPicker(Place& place)
{
    connect(place.picker, &PathPicker::pathChosen, this,
            [this, &place](const QString& path) { choose(place, path); });
    connect(place.picker, &PathPicker::clearRequested, this, [this, &place] { choose(place, {}); });
    connect(place.picker, &PathPicker::browseRequested, this, [this, &place] {
        const QString start = place.picker->path().isEmpty()
                                  ? recentPaths(services().settings, u"model"_s).value(0)
                                  : place.picker->path();
        const QString path = services().prompts.chooseFolder(
            &place == &m_model ? tr("Model folder") : tr("Reference model folder"), start);
        if (!path.isEmpty())
            choose(place, path);
    });
}

void ModelCard::choose(Place& place, const QString& path)
{
    // The same path again means that its files have changed.
    if (!path.isEmpty() && path == place.picker->path())
        inspect(place, path);
    services().workspace.edit([&](Recipe& recipe) { place.assign(recipe, path.toStdString()); });
}

void ModelCard::inspect(Place& place, const QString& path)
{
    place.picker->setPath(path);
    place.read.reset();
    Q_EMIT stateChanged();
    if (path.isEmpty())
        return;
    services().background.run(
        this, [folder = path.toStdString()] { return inspectModel(folder); },
        [this, &place, path](Result<ModelInspection> read) {
            if (place.picker->path() != path)
                return; // another one was chosen meanwhile
            if (read && read->loadable()) {
                rememberPath(services().settings, u"model"_s, path);
                updateRecent();
            }
            place.read = std::move(read);
            showPlace(place);
            showModel();
            Q_EMIT stateChanged();
        });
}

void ModelCard::showPlace(Place& place)
{
    if (!place.read)
        return;
    if (!*place.read) {
        place.picker->setState(PathPicker::State::Problem, errorText(place.read->error()));
        return;
    }
    const ModelInspection& found = **place.read;
    if (!found.loadable()) {
        place.picker->setState(PathPicker::State::Problem,
                               tr("It cannot be loaded: %n problems.", nullptr,
                                  static_cast<int>(found.problems.size())));
        return;
    }
    QStringList facts;
    if (!found.architecture.empty())
        facts += text(found.architecture);
    if (found.parameters)
        facts += tr("%1 parameters").arg(locale().toString(qint64{*found.parameters}));
    facts += sizeText(found.bytes);
    place.picker->setState(PathPicker::State::Ok, facts.join(u" · "_s));
}

void ModelCard::showModel()
{
    delete m_notes->layout();
    qDeleteAll(m_notes->findChildren<NoteLine*>());
    auto* notes = new QVBoxLayout(m_notes);
    notes->setContentsMargins(0, 0, 0, 0);
    notes->setSpacing(4);
    FactTable::Content facts{.wideColumn = 1};
    const auto fact = [&facts](const QString& name, const QString& value) {
        facts.rows.append(QStringList{name, value});
    };
    if (m_isNew)
        notes->addWidget(new NoteLine(MessageKind::Info,
                                      tr("The recipe makes a new model from random weights. Choose "
                                         "a folder to use that model instead."),
                                      m_notes));
    if (m_model.read && *m_model.read) {
        const ModelInspection& found = **m_model.read;
        if (found.config) {
            const DecoderConfig& config = *found.config;
            const auto family = families().find(config.family);
            fact(tr("Family"), text(family ? (*family)->title : config.family));
            fact(tr("Shape"), tr("%1 layers, %2 wide, %3 heads")
                                  .arg(config.layers)
                                  .arg(config.width)
                                  .arg(config.heads));
            fact(tr("Vocabulary"), tr("%1 tokens, up to %2 at once")
                                       .arg(locale().toString(qint64{config.vocabulary}),
                                            locale().toString(qint64{config.context})));
        }
        QStringList stored;
        for (const auto& type : found.stored)
            stored += text(type.type);
        if (!stored.isEmpty())
            fact(tr("Stored as"), tr("%1, %2").arg(stored.join(u", "_s), sizeText(found.bytes)));
        fact(tr("Tokenizer"), tokenizerText(found.tokenizer, locale()));
        fact(tr("Chat template"), templateText(found.chatTemplate));
        int shown = 0;
        for (const auto& [kind, list] : {std::pair{MessageKind::Error, &found.problems},
                                         std::pair{MessageKind::Warning, &found.warnings}})
            for (const Error& error : *list)
                if (++shown <= kMostNotes)
                    notes->addWidget(new NoteLine(kind, errorText(error), m_notes));
        if (shown > kMostNotes)
            notes->addWidget(new NoteLine(MessageKind::Info,
                                          tr("%n more", nullptr, shown - kMostNotes), m_notes));
    }
    m_facts->setContent(facts);
    m_facts->setVisible(!facts.rows.isEmpty());
    m_notes->setVisible(notes->count() > 0);
}

void ModelCard::updateRecent()
{
    const QStringList recent = recentPaths(services().settings, u"model"_s);
    m_model.picker->setRecent(recent);
    m_reference.picker->setRecent(recent);
}

} // namespace lacuna
