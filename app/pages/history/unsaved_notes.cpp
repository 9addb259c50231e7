#include "app/pages/history/unsaved_notes.h"

#include "app/settings.h"

#include <QVariantMap>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

const QString kKey = u"history/unsaved-notes"_s;

} // namespace

std::vector<UnsavedNotes::Entry> UnsavedNotes::entries() const
{
    const QVariantMap all = m_settings.value(kKey).toMap();
    std::vector<Entry> entries;
    for (auto it = all.begin(); it != all.end(); ++it) {
        const QVariantMap fields = it->toMap();
        NotesView::Edit edit;
        if (fields.contains(u"name"_s))
            edit.name = fields[u"name"_s].toString();
        if (fields.contains(u"note"_s))
            edit.note = fields[u"note"_s].toString();
        if (fields.contains(u"tags"_s))
            edit.tags = fields[u"tags"_s].toStringList();
        entries.push_back({.uid = it.key(), .edit = edit});
    }
    return entries;
}

qint64 UnsavedNotes::add(const QString& uid, const NotesView::Edit& edit)
{
    QVariantMap all = m_settings.value(kKey).toMap();
    QVariantMap fields = all[uid].toMap();
    if (edit.name)
        fields[u"name"_s] = *edit.name;
    if (edit.note)
        fields[u"note"_s] = *edit.note;
    if (edit.tags)
        fields[u"tags"_s] = *edit.tags;
    fields[u"serial"_s] = ++m_serial;
    all[uid] = fields;
    m_settings.setValue(kKey, all);
    return m_serial;
}

void UnsavedNotes::remove(const QString& uid, qint64 serial)
{
    QVariantMap all = m_settings.value(kKey).toMap();
    if (all[uid].toMap().value(u"serial"_s).toLongLong() != serial)
        return;
    all.remove(uid);
    m_settings.setValue(kKey, all);
}

} // namespace lacuna
