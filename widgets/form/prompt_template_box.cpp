#include "widgets/form/prompt_template_box.h"

#include "core/tokens/prompt_format.h"

#include <QEvent>
#include <QSignalBlocker>
#include <QStandardItemModel>

namespace lacuna {

namespace {

constexpr int kLetters = 18; ///< of a title that are always in sight

} // namespace

QString promptTemplateTitle(const std::string& id)
{
    if (id == kModelTemplate)
        return PromptTemplateBox::tr("the model's own template");
    const auto format = promptFormats().find(id);
    return QString::fromStdString(format ? (*format)->title : id);
}

PromptTemplateBox::PromptTemplateBox(QWidget* parent) : CalmComboBox(parent)
{
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(kLetters);
    fill();
}

void PromptTemplateBox::setFirst(const QList<Entry>& entries)
{
    m_first = entries;
    fill();
}

void PromptTemplateBox::setModelTemplate(const QString& reason)
{
    m_noModelTemplate = reason;
    showModelTemplate();
}

void PromptTemplateBox::setId(const QString& id)
{
    setCurrentIndex(findData(id));
    setToolTip(help());
}

void PromptTemplateBox::changeEvent(QEvent* event)
{
    QComboBox::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        fill();
}

void PromptTemplateBox::fill()
{
    const QSignalBlocker silent(this);
    const QString chosen = id();
    clear();
    const auto add = [this](const QString& id, const QString& title, const QString& help) {
        addItem(title, id);
        setItemData(count() - 1, help, Qt::ToolTipRole);
    };
    for (const Entry& entry : m_first)
        add(entry.id, entry.title, entry.help);
    add(QString::fromUtf8(kModelTemplate), tr("The model's own template"),
        tr("The chat template in the model's folder: how its makers wrote it to be asked."));
    for (const PromptFormat& format : promptFormats().entries())
        add(QString::fromStdString(format.id), QString::fromStdString(format.title),
            QString::fromStdString(format.description));
    setCurrentIndex(chosen.isEmpty() ? 0 : findData(chosen));
    setToolTip(help());
    showModelTemplate();
}

void PromptTemplateBox::showModelTemplate()
{
    const int row = findData(QString::fromUtf8(kModelTemplate));
    auto* item = qobject_cast<QStandardItemModel*>(model())->item(row);
    item->setEnabled(m_noModelTemplate.isEmpty());
    item->setToolTip(m_noModelTemplate.isEmpty()
                         ? tr("The chat template in the model's folder: how its makers wrote it "
                              "to be asked.")
                         : m_noModelTemplate);
    if (currentIndex() == row)
        setToolTip(help());
}

} // namespace lacuna
