#pragma once

#include "app/pages/setup/setup_card.h"
#include "core/corpora/preview.h"
#include "widgets/form/path_picker.h"

#include <QTimer>

#include <array>
#include <optional>

class QLabel;
class QTabBar;

namespace lacuna {

class CorpusPreviewView;
class NoteLine;
class PromptTemplateBox;

/// Which texts: forget, retain and holdout set, what they hold and how the model reads them.
class DataCard final : public SetupCard {
    Q_OBJECT

public:
    enum Role : std::uint8_t { Forget, Retain, Utility, Holdout };

    explicit DataCard(Services& services, QWidget* parent = nullptr);

    void follow(const Recipe& recipe) override;
    [[nodiscard]] CheckState state(Role role) const;
    /// Of a set whose state is Problem: what is wrong with it.
    [[nodiscard]] QString problem(Role role) const;

protected:
    void retranslate() override;

private:
    /// What a preview was made of.
    struct Source {
        QString path;
        QString model;
        qint64 maxLength = 0;
        InvalidRows invalidRows = InvalidRows::Refuse;
        PassageLengths passages = {};
        std::string promptTemplate = {};

        bool operator==(const Source&) const = default;
    };
    struct Set {
        PathPicker* picker = nullptr;
        Source source = {};
        bool stale = false; ///< what was read is not of `source`
        std::optional<Result<CorpusPreview>> read = {};
    };

    void connectPicker(Set& set);
    void toggleInvalidRows(Set& set);
    void choose(Set& set, const QString& path);
    void readStale();
    void read(Set& set, qint64 firstSample);
    void showSet(Set& set);
    void showPreview();
    void showTemplate();
    void updateRecent();
    [[nodiscard]] QString title(Role role) const;
    [[nodiscard]] Set& set(Role role) { return m_sets[role]; }
    [[nodiscard]] Role roleOf(const Set& set) const
    {
        return static_cast<Role>(&set - m_sets.data());
    }

    std::array<Set, 4> m_sets;
    QTimer m_timer;        ///< typing a length asks for many previews; the last one is enough
    int m_wanted = Forget; ///< tab that was chosen last; another is in front while it has no file
    QLabel* m_templateLabel = nullptr;
    PromptTemplateBox* m_template = nullptr;
    QLabel* m_templateHelp = nullptr;
    NoteLine* m_templateNote = nullptr; ///< why it cannot be used
    QTabBar* m_tabs = nullptr;
    CorpusPreviewView* m_view = nullptr;
};

} // namespace lacuna
