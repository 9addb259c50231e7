#include "app/pages/history/recipe_view.h"

#include "widgets/base/theme.h"

#include <QClipboard>
#include <QEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

namespace lacuna {

using namespace Qt::StringLiterals;

RecipeView::RecipeView(QWidget* parent)
    : QWidget(parent), m_text(new QPlainTextEdit), m_copy(new QPushButton), m_save(new QPushButton),
      m_hint(secondaryText({}))
{
    m_text->setObjectName(u"recipeText"_s);
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_copy->setObjectName(u"recipeCopyButton"_s);
    m_save->setObjectName(u"recipeSaveButton"_s);
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(recipe()); });
    connect(m_save, &QPushButton::clicked, this, [this] { Q_EMIT saveRequested(recipe()); });

    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_hint, 1);
    row->addWidget(m_copy);
    row->addWidget(m_save);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addLayout(row);
    layout->addWidget(m_text, 1);
    retranslate();
}

void RecipeView::setRecipe(const QString& json)
{
    if (json != recipe())
        m_text->setPlainText(json);
}

QString RecipeView::recipe() const
{
    return m_text->toPlainText();
}

void RecipeView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void RecipeView::retranslate()
{
    m_text->setAccessibleName(tr("Recipe"));
    m_copy->setText(tr("Copy"));
    m_copy->setToolTip(tr("Put the whole recipe on the clipboard"));
    m_save->setText(tr("Save as\u2026"));
    m_save->setToolTip(tr("Write the recipe to a file that Setup and the command line can open"));
    m_hint->setText(tr("Saved as recipe.json, it runs from the command line too: "
                       "lacuna-cli run recipe.json"));
}

} // namespace lacuna
