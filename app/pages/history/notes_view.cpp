#include "app/pages/history/notes_view.h"

#include "widgets/base/theme.h"

#include <QCompleter>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTypingPauseMs = 1000;

QStringList tagsIn(const QString& text)
{
    QStringList tags;
    for (const QString& part : text.split(u',', Qt::SkipEmptyParts))
        if (const QString tag = part.simplified(); !tag.isEmpty() && !tags.contains(tag))
            tags << tag;
    tags.sort();
    return tags;
}

NotesView::Words wordsOf(const Run& run)
{
    NotesView::Words words{.name = QString::fromStdString(run.name),
                           .note = QString::fromStdString(run.note)};
    for (const std::string& tag : run.tags)
        words.tags << QString::fromStdString(tag);
    words.tags.sort();
    return words;
}

/// Completes the word after the last comma.
class TagCompleter : public QCompleter {
public:
    using QCompleter::QCompleter;

    [[nodiscard]] QString pathFromIndex(const QModelIndex& index) const override
    {
        const auto* edit = static_cast<QLineEdit*>(widget());
        const QString before = edit->text().section(u',', 0, -2).trimmed();
        const QString tag = QCompleter::pathFromIndex(index);
        return before.isEmpty() ? tag : before + u", "_s + tag;
    }
    [[nodiscard]] QStringList splitPath(const QString& path) const override
    {
        return {path.section(u',', -1).trimmed()};
    }
};

} // namespace

NotesView::NotesView(QWidget* parent)
    : QWidget(parent), m_nameTitle(new QLabel), m_name(new QLineEdit), m_tagsTitle(new QLabel),
      m_tags(new QLineEdit), m_noteTitle(new QLabel), m_note(new QPlainTextEdit),
      m_save(new QPushButton), m_state(secondaryText({}))
{
    m_name->setObjectName(u"runName"_s);
    m_tags->setObjectName(u"runTags"_s);
    m_note->setObjectName(u"runNote"_s);
    m_note->setTabChangesFocus(true);
    m_save->setObjectName(u"notesSaveButton"_s);
    m_state->setObjectName(u"notesState"_s);
    m_state->setWordWrap(false);
    m_nameTitle->setBuddy(m_name);
    m_tagsTitle->setBuddy(m_tags);
    m_noteTitle->setBuddy(m_note);
    m_noteTitle->setAlignment(Qt::AlignTop);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kTypingPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &NotesView::flush);
    connect(m_name, &QLineEdit::textEdited, this, &NotesView::noteTyping);
    connect(m_tags, &QLineEdit::textEdited, this, &NotesView::noteTyping);
    connect(m_note, &QPlainTextEdit::textChanged, this, &NotesView::noteTyping);
    connect(m_name, &QLineEdit::returnPressed, this, &NotesView::flush);
    connect(m_tags, &QLineEdit::returnPressed, this, &NotesView::flush);
    connect(m_save, &QPushButton::clicked, this, &NotesView::flush);
    for (QWidget* field : {static_cast<QWidget*>(m_name), static_cast<QWidget*>(m_tags),
                           static_cast<QWidget*>(m_note)})
        field->installEventFilter(this);

    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setHorizontalSpacing(8);
    layout->setVerticalSpacing(8);
    layout->addWidget(m_nameTitle, 0, 0);
    layout->addWidget(m_name, 0, 1, 1, 2);
    layout->addWidget(m_tagsTitle, 1, 0);
    layout->addWidget(m_tags, 1, 1, 1, 2);
    layout->addWidget(m_noteTitle, 2, 0);
    layout->addWidget(m_note, 2, 1, 1, 2);
    layout->addWidget(m_state, 3, 1);
    layout->addWidget(m_save, 3, 2);
    layout->setColumnStretch(1, 1);
    layout->setRowStretch(2, 1);
    retranslate();
    clear();
}

NotesView::~NotesView()
{
    // Events of fields that go must not reach a widget that is half gone.
    for (QWidget* field : {static_cast<QWidget*>(m_name), static_cast<QWidget*>(m_tags),
                           static_cast<QWidget*>(m_note)})
        field->removeEventFilter(this);
}

NotesView::Words NotesView::typed() const
{
    // A run cannot be without a name: an empty box means the one it has.
    const QString name = m_name->text().trimmed();
    return {.name = name.isEmpty() ? m_stored.name : name,
            .note = m_note->toPlainText(),
            .tags = tagsIn(m_tags->text())};
}

void NotesView::setRun(const Run& run)
{
    const bool same = m_run == run.id;
    if (!same)
        flush();
    const bool typing = same && typed() != m_stored;
    m_run = run.id;
    setEnabled(true);
    if (typing)
        return;
    m_stored = wordsOf(run);
    m_failed = false;
    const auto unsaved = m_unsaved.find(run.id);
    showWords(unsaved == m_unsaved.end() ? m_stored : unsaved->second);
    showState();
}

void NotesView::clear()
{
    flush();
    m_run.reset();
    m_stored = {};
    showWords({});
    setEnabled(false);
    showState();
}

void NotesView::setKnownTags(const QStringList& tags)
{
    auto* completer = new TagCompleter(tags, m_tags);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_tags->setCompleter(completer);
}

void NotesView::showWords(const Words& words)
{
    const QSignalBlocker quiet(m_note);
    if (m_name->text() != words.name)
        m_name->setText(words.name);
    if (const QString tags = words.tags.join(u", "_s); m_tags->text() != tags)
        m_tags->setText(tags);
    if (m_note->toPlainText() != words.note)
        m_note->setPlainText(words.note);
    m_pause.stop();
}

void NotesView::noteTyping()
{
    m_pause.start();
    showState();
}

void NotesView::flush()
{
    m_pause.stop();
    const Words now = typed();
    if (!m_run || now == m_stored)
        return;
    Edit edit{.run = *m_run};
    if (now.name != m_stored.name)
        edit.name = now.name;
    if (now.note != m_stored.note)
        edit.note = now.note;
    if (now.tags != m_stored.tags)
        edit.tags = now.tags;
    m_unsaved[*m_run] = now;
    m_failed = false;
    m_stored = now;
    showState();
    Q_EMIT saveRequested(edit);
}

void NotesView::saved(RunId run)
{
    m_unsaved.erase(run);
    if (m_run == run)
        showState();
}

void NotesView::saveFailed(RunId run)
{
    if (m_run != run)
        return; // it is shown as unsaved when its run is
    // Whatever is typed differs from this, so that the next flush tries everything again.
    m_stored = {};
    m_failed = true;
    showState();
}

void NotesView::showState()
{
    const bool changed = m_run && typed() != m_stored;
    m_save->setEnabled(changed);
    if (!m_run)
        m_state->clear();
    else if (m_failed)
        m_state->setText(tr("Could not be saved; your words are kept here."));
    else if (changed)
        m_state->setText(tr("Not saved yet"));
    else if (m_unsaved.contains(*m_run))
        m_state->setText(tr("Saving\u2026"));
    else
        m_state->setText(tr("Saved in the history"));
}

void NotesView::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    flush();
}

bool NotesView::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::FocusOut)
        flush();
    return QWidget::eventFilter(object, event);
}

void NotesView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void NotesView::retranslate()
{
    m_nameTitle->setText(tr("&Name"));
    m_tagsTitle->setText(tr("&Tags"));
    m_tags->setPlaceholderText(tr("Separated by commas, such as: lecture, keep"));
    m_noteTitle->setText(tr("N&ote"));
    m_note->setPlaceholderText(tr("What did this run show?"));
    m_save->setText(tr("Save"));
    showState();
}

} // namespace lacuna
