#include "app/pages/setup/recipe_panel.h"

#include "app/actions.h"
#include "app/error_text.h"
#include "app/workspace.h"
#include "core/base/json.h"
#include "widgets/base/prompts.h"
#include "widgets/form/message_bar.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTextHeight = 240;

QPushButton* button(const char* name, QWidget* parent)
{
    auto* made = new QPushButton(parent);
    made->setObjectName(QLatin1String(name));
    made->setAutoDefault(false);
    return made;
}

} // namespace

RecipePanel::RecipePanel(Services& services, QWidget* parent)
    : QWidget(parent), m_services(services)
{
    const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(u"recipeText"_s);
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setFont(fixed);
    m_text->setFixedHeight(kTextHeight);
    m_commandTitle = new QLabel(this);
    m_command = new QLabel(this);
    m_command->setObjectName(u"commandLine"_s);
    m_command->setFont(fixed);
    m_command->setTextFormat(Qt::PlainText);
    m_command->setWordWrap(true);
    m_command->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_copy = button("copyRecipe", this);
    m_save = button("saveRecipe", this);
    m_open = button("openRecipe", this);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_copy);
    buttons->addWidget(m_save);
    buttons->addWidget(m_open);
    buttons->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_text);
    layout->addLayout(buttons);
    layout->addWidget(m_commandTitle);
    layout->addWidget(m_command);

    connect(m_copy, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(m_text->toPlainText()); });
    connect(m_save, &QPushButton::clicked, this, &RecipePanel::save);
    connect(m_open, &QPushButton::clicked, this,
            [this] { m_services.actions.action(u"file.open-recipe"_s)->trigger(); });
    retranslate();
}

void RecipePanel::follow(const RecipeDraft& draft)
{
    const QString text = QString::fromStdString(draft.toJson().dump(2));
    if (text != m_text->toPlainText())
        m_text->setPlainText(text);
}

void RecipePanel::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void RecipePanel::save()
{
    const Recipe& recipe = m_services.workspace.recipe();
    const QString name =
        recipe.name.empty() ? u"recipe"_s : QString::fromStdString(recipe.name).replace(u'/', u'-');
    const QString start = m_file.isEmpty() ? name + u".json"_s : m_file;
    const QString file =
        m_services.prompts.chooseSaveFile(tr("Save recipe"), start, tr("Recipes (*.json)"));
    if (file.isEmpty())
        return;
    if (const Status status =
            writeJsonFile(file.toStdString(), m_services.workspace.draft().toJson());
        !status) {
        m_services.messages.show(MessageKind::Error, errorText(status.error()),
                                 errorDetails(status.error()));
        return;
    }
    m_file = file;
    m_services.messages.show(MessageKind::Success, tr("The recipe was saved as %1.").arg(file));
    retranslate();
}

void RecipePanel::retranslate()
{
    m_text->setAccessibleName(tr("Recipe"));
    m_copy->setText(tr("Copy"));
    m_copy->setAccessibleName(tr("Copy recipe"));
    m_save->setText(tr("Save as…"));
    m_save->setAccessibleName(tr("Save recipe as"));
    m_open->setText(tr("Open recipe…"));
    m_commandTitle->setText(tr("The same without a window:"));
    m_command->setText(
        u"lacuna-cli run \"%1\""_s.arg(m_file.isEmpty() ? u"recipe.json"_s : m_file));
}

} // namespace lacuna
