#include "app/export/export_choices.h"

#include "app/error_text.h"
#include "app/settings.h"
#include "widgets/base/theme.h"
#include "widgets/form/calm_combo_box.h"
#include "widgets/form/note_line.h"
#include "widgets/form/path_picker.h"

#include <QButtonGroup>
#include <QDir>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QStandardPaths>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kWhatKey = "export/what";
constexpr auto kFormKey = "export/form";
constexpr auto kTypeKey = "export/type";
constexpr auto kShardKey = "export/shard-size";
constexpr auto kFolderKey = "export/folder";
constexpr std::array kFormIds = {"folder", "gguf", "delta"}; ///< in settings; never rename

QString key(const char* name)
{
    return QString::fromLatin1(name);
}

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

} // namespace

ExportChoices::ExportChoices(Settings& settings, QWidget* parent)
    : QWidget(parent), m_settings(settings), m_grid(new QGridLayout(this)),
      m_what(new QButtonGroup(this)), m_reversible(new NoteLine(this)),
      m_form(new QButtonGroup(this)), m_type(new CalmComboBox(this)),
      m_shard(new CalmComboBox(this)), m_folder(new PathPicker(PathPicker::Kind::Folder, this)),
      m_name(new QLineEdit(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(16);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(1, 1);
    addRow(m_whatTitle, nullptr);
    m_model = addOption("exportModel", m_what);
    m_adapter = addOption("exportAdapter", m_what);
    m_reversible->setObjectName(u"reversibleNote"_s);
    m_grid->addWidget(m_reversible, m_row++, 1);
    m_grid->setRowMinimumHeight(m_row++, 8);
    addRow(m_formTitle, nullptr);
    m_forms = {addOption("exportFolder", m_form), addOption("exportGguf", m_form),
               addOption("exportDelta", m_form)};
    m_grid->setRowMinimumHeight(m_row++, 8);
    m_type->setObjectName(u"exportType"_s);
    addRow(m_typeTitle, m_type);
    m_shard->setObjectName(u"exportShard"_s);
    m_shard->setEditable(true);
    m_shard->addItems({u"5 GB"_s, u"2 GB"_s, u"1 GB"_s, u"500 MB"_s});
    addRow(m_shardTitle, m_shard);
    m_grid->setRowMinimumHeight(m_row++, 8);
    m_folder->setObjectName(u"exportPlace"_s);
    m_grid->addWidget(m_folder, m_row++, 0, 1, 2);
    m_grid->setRowMinimumHeight(m_row++, 4);
    m_name->setObjectName(u"exportName"_s);
    addRow(m_nameTitle, m_name);

    for (QButtonGroup* group : {m_what, m_form})
        connect(group, &QButtonGroup::buttonClicked, this, &ExportChoices::choose);
    connect(m_type, &QComboBox::activated, this, &ExportChoices::changed);
    connect(m_shard, &QComboBox::currentTextChanged, this, &ExportChoices::changed);
    connect(m_name, &QLineEdit::textEdited, this, [this] {
        m_named = true;
        Q_EMIT changed();
    });
    connect(m_folder, &PathPicker::pathChosen, this, &ExportChoices::setFolder);
    connect(m_folder, &PathPicker::clearRequested, this, [this] { setFolder({}); });
    connect(m_folder, &PathPicker::browseRequested, this,
            [this] { Q_EMIT folderRequested(m_folder->path()); });
    restore();
    retranslate();
    setEnabled(false);
}

ExportChoices::Option ExportChoices::addOption(const char* name, QButtonGroup* group)
{
    Option option{.button = new QRadioButton(this), .help = secondaryText({})};
    option.button->setObjectName(key(name));
    option.help->setObjectName(key(name) + u"Help"_s);
    option.help->setContentsMargins(24, 0, 0, 2);
    group->addButton(option.button);
    m_grid->addWidget(option.button, m_row++, 1);
    m_grid->addWidget(option.help, m_row++, 1);
    return option;
}

/// A title in the first column, and its field where it has one; the rows of options follow it.
void ExportChoices::addRow(QLabel*& title, QWidget* field)
{
    title = new QLabel(this);
    m_grid->addWidget(title, m_row, 0, Qt::AlignVCenter);
    if (!field)
        return;
    title->setBuddy(field);
    m_grid->addWidget(field, m_row++, 1);
}

void ExportChoices::restore()
{
    const bool adapter = m_settings.value(key(kWhatKey)).toString() == u"adapter";
    (adapter ? m_adapter : m_model).button->setChecked(true);
    const QString form = m_settings.value(key(kFormKey)).toString();
    m_forms[0].button->setChecked(true);
    for (std::size_t i = 0; i < m_forms.size(); ++i)
        if (form == key(kFormIds.at(i)))
            m_forms.at(i).button->setChecked(true);
    m_shard->setCurrentText(m_settings.value(key(kShardKey), m_shard->itemText(0)).toString());
    QString folder = m_settings.value(key(kFolderKey)).toString();
    if (folder.isEmpty())
        folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    m_folder->setPath(QDir(folder).exists() ? folder : QDir::homePath());
    m_folder->setState(PathPicker::State::Ok);
}

void ExportChoices::remember()
{
    m_settings.setValue(key(kWhatKey), isAdapter() ? u"adapter"_s : u"model"_s);
    // What an adapter cannot be is not what the person would choose for a model.
    if (!isAdapter()) {
        m_settings.setValue(key(kFormKey), key(kFormIds.at(static_cast<std::size_t>(form()))));
        m_settings.setValue(key(kTypeKey), m_type->currentData());
        m_settings.setValue(key(kShardKey), m_shard->currentText());
    }
    m_settings.setValue(key(kFolderKey), m_folder->path());
}

void ExportChoices::setOffer(const ExportOffer& offer)
{
    m_offer = offer;
    setEnabled(true);
    choose();
}

bool ExportChoices::isAdapter() const
{
    return m_adapter.button->isChecked();
}

ExportForm ExportChoices::form() const
{
    for (std::size_t i = 0; i < m_forms.size() && !isAdapter(); ++i)
        if (m_forms.at(i).button->isChecked())
            return kExportForms.at(i);
    return ExportForm::Adapter;
}

ExportChoice ExportChoices::choice() const
{
    ExportChoice choice{.form = form(),
                        .type = exportType(m_type->currentData().toString().toStdString())};
    if (choice.form == ExportForm::Folder)
        choice.shardBytes =
            byteCount(m_shard->currentText().toStdString()).value_or(kDefaultShardBytes);
    return choice;
}

ExportPlace ExportChoices::place() const
{
    return {.parent = m_folder->path().toStdString(),
            .name = m_name->text().trimmed().toStdString(),
            .mayRename = !m_named};
}

QString ExportChoices::problem() const
{
    if (m_folder->path().isEmpty())
        return tr("Choose a folder to export into.");
    const QString name = m_name->text().trimmed();
    if (name.isEmpty() || name.contains(u'/') || name == u"." || name == u"..")
        return tr("Give the export a name without slashes.");
    if (form() == ExportForm::Folder && !byteCount(m_shard->currentText().toStdString()))
        return tr("The largest file is a size such as 500 MB or 5 GB.");
    return {};
}

void ExportChoices::showName(const QString& name)
{
    if (!m_named)
        m_name->setText(name);
}

void ExportChoices::setFolder(const QString& folder)
{
    m_folder->setPath(folder);
    if (!folder.isEmpty())
        m_folder->setState(PathPicker::State::Ok);
    Q_EMIT changed();
}

/// After another thing or form was chosen: what goes with it.
void ExportChoices::choose()
{
    showOptions();
    fillTypes();
    m_shard->setEnabled(form() == ExportForm::Folder);
    proposeName();
    Q_EMIT changed();
}

void ExportChoices::setOption(Option& option, const QString& refusal)
{
    option.button->setEnabled(refusal.isEmpty());
    option.help->setText(refusal.isEmpty() ? option.text : refusal);
    option.button->setAccessibleDescription(option.help->text());
}

void ExportChoices::showOptions()
{
    if (!m_offer)
        return;
    const auto refusal = [this](ExportForm form) {
        const auto& error = m_offer->refusals.at(static_cast<std::size_t>(form));
        return error ? errorText(*error) : QString();
    };
    setOption(m_model, {});
    setOption(m_adapter, m_offer->source.adapter.empty()
                             ? tr("The run has none: it trained the weights themselves.")
                             : refusal(ExportForm::Adapter));
    if (!m_adapter.button->isEnabled())
        m_model.button->setChecked(true);
    for (std::size_t i = 0; i < m_forms.size(); ++i)
        setOption(m_forms.at(i), refusal(kExportForms.at(i)));
    m_reversible->setVisible(isAdapter());
    if (isAdapter()) {
        setOption(m_forms[0], {});
        m_forms[0].help->setText(tr("adapter_config.json, safetensors, tokenizer and a model card: "
                                    "for PEFT and Lacuna."));
        m_forms[0].button->setAccessibleDescription(m_forms[0].help->text());
        setOption(m_forms[1], tr("An adapter by itself has no such form; export the model."));
        setOption(m_forms[2], tr("An adapter is already only what changed."));
    }
    for (const Option& option : m_forms)
        if (option.button->isChecked() && option.button->isEnabled())
            return;
    for (const Option& option : m_forms)
        if (option.button->isEnabled())
            return option.button->setChecked(true);
}

/// The types of the form, the one that was chosen before still chosen.
void ExportChoices::fillTypes()
{
    const QString before = m_type->count() > 0 ? m_type->currentData().toString()
                                               : m_settings.value(key(kTypeKey)).toString();
    m_type->clear();
    m_type->addItem(tr("As stored"), QString());
    for (const ExportType& type : kExportTypes)
        if (takesType(form(), type))
            m_type->addItem(type.element ? text(type.id)
                                         : tr("%1, about 8.5 bits a number").arg(text(type.id)),
                            text(type.id));
    m_type->setCurrentIndex(std::max(0, m_type->findData(before)));
    m_type->setEnabled(m_type->count() > 1);
}

void ExportChoices::proposeName()
{
    if (m_named || !m_offer)
        return;
    const QString name = text(exportName(m_offer->source));
    m_name->setText(isAdapter() ? name + u"-adapter"_s : name);
}

void ExportChoices::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void ExportChoices::retranslate()
{
    m_whatTitle->setText(tr("What"));
    m_model.button->setText(tr("The unlearned model"));
    m_model.text = tr("Whole: with what was trained in its weights, and the tokenizer.");
    m_adapter.button->setText(tr("The adapter by itself"));
    m_adapter.text = tr("A small folder as PEFT reads it, to be put on the original.");
    m_reversible->setNote(
        MessageKind::Warning,
        tr("An adapter that is not merged is reversible: whoever takes it off has "
           "the original back, with all that it knew. Nothing is unlearned for "
           "good."));
    m_formTitle->setText(tr("Form"));
    m_forms[0].button->setText(tr("Hugging Face folder"));
    m_forms[0].text = tr("config.json, safetensors, tokenizer and a model card that says how it "
                         "came about: for Transformers, vLLM and Lacuna.");
    m_forms[1].button->setText(tr("GGUF"));
    m_forms[1].text = tr("One file, for llama.cpp and all that is built on it.");
    m_forms[2].button->setText(tr("Weights delta"));
    m_forms[2].text = tr("Only what changed. Who has the original makes the model from it, bit for "
                         "bit: lacuna-cli restore.");
    m_typeTitle->setText(tr("Number type"));
    m_type->setAccessibleName(tr("Number type"));
    m_shardTitle->setText(tr("Largest file"));
    m_shard->setAccessibleName(tr("Largest file"));
    m_folder->setTexts(tr("Into the folder"), tr("Drop a folder here, or browse."));
    m_nameTitle->setText(tr("As"));
    m_name->setAccessibleName(tr("Name of the export"));
    showOptions();
}

} // namespace lacuna
