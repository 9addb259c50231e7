#pragma once

#include "app/pages/history/notes_view.h"

#include <QString>

#include <vector>

namespace lacuna {

class Settings;

/// What has been written about runs and is not yet known to be in the history, kept in the
/// settings: the program may be closed, or the disk full, before the history has it.
class UnsavedNotes {
public:
    struct Entry {
        QString uid; ///< of the run; ids are given again after a deletion
        NotesView::Edit edit;
    };

    explicit UnsavedNotes(Settings& settings) : m_settings(settings) {}

    [[nodiscard]] std::vector<Entry> entries() const;
    /// Adds to what waits about the run. \return what remove() asks for
    [[nodiscard]] qint64 add(const QString& uid, const NotesView::Edit& edit);
    /// Unless more has been added since \p serial was given.
    void remove(const QString& uid, qint64 serial);

private:
    Settings& m_settings;
    qint64 m_serial = 0;
};

} // namespace lacuna
