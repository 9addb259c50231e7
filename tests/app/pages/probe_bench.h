#pragma once

#include "app/actions.h"
#include "app/background.h"
#include "app/history.h"
#include "app/pages/probe/probe_page.h"
#include "app/probe_service.h"
#include "app/run_controller.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "widgets/base/prompts.h"
#include "widgets/form/message_bar.h"
#include "widgets/text/elided_label.h"
#include "widgets/text/probe_pane.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTemporaryDir>
#include <QTest>
#include <QTextDocumentFragment>

/// The Probe page with everything it needs, and how a person finds the way about it.
namespace lacuna {

using namespace Qt::StringLiterals;

using State = ProbeColumn::State;

inline constexpr int kPatience = 60'000;

inline const QString kQuestion = u"Which river runs through all of Pellamere?"_s;

inline QString sample(const char* name)
{
    return QStringLiteral(RESOURCES_DIR) + u"/sample/"_s + QString::fromLatin1(name);
}

class FolderPrompts : public Prompts {
public:
    bool confirm(const QString&, const QString&, const QString&) override { return false; }
    QString chooseFolder(const QString&, const QString&) override { return folder; }
    QString chooseFile(const QString&, const QString&, const QString&) override { return {}; }
    QString chooseSaveFile(const QString&, const QString&, const QString&) override { return {}; }

    QString folder;
};

/// The page with everything it needs, in a folder of its own.
class Bench {
public:
    Bench()
        : settings(folder.filePath(u"settings.ini"_s)), history(file("history.sqlite"), background),
          run({.store = file("history.sqlite"), .runsFolder = file("runs")}),
          probes(run), services{actions, background, history,  messages, probes,
                                prompts, run,        settings, workspace}
    {
        workspace.edit([](Recipe& recipe) {
            recipe.evaluation.probes = {kQuestion.toStdString(), "Whom did Matten Wendrake marry?"};
        });
    }

    [[nodiscard]] std::filesystem::path file(const char* name) const
    {
        return std::filesystem::path(folder.path().toStdString()) / name;
    }
    void useSample()
    {
        workspace.edit([](Recipe& recipe) {
            recipe.model = sample("original").toStdString();
            recipe.reference = sample("reference").toStdString();
        });
    }

    QTemporaryDir folder;
    Settings settings;
    Background background;
    Workspace workspace;
    History history;
    RunController run;
    ProbeService probes;
    Actions actions;
    MessageBar messages;
    FolderPrompts prompts;
    Services services;
};

/// Shown as the window does it.
inline void present(ProbePage& page)
{
    page.resize(1080, 700);
    page.show();
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    page.shown();
}

inline QAbstractButton* button(const QWidget& parent, const char* name)
{
    return parent.findChild<QAbstractButton*>(QString::fromLatin1(name));
}

inline QPlainTextEdit* promptEdit(const ProbePage& page)
{
    return page.findChild<QPlainTextEdit*>(u"promptEdit"_s);
}

inline ProbeColumn* column(const ProbePage& page, ModelRole role)
{
    return page.findChild<ProbePane*>()->column(role);
}

inline QString labelText(const ProbeColumn& column, const char* name)
{
    return column.findChild<QLabel*>(QString::fromLatin1(name))->text();
}

inline QString modelCaption(const ProbeColumn& column)
{
    return column.findChild<ElidedLabel*>(u"modelLabel"_s)->fullText();
}

inline QComboBox* templateBox(const ProbePage& page)
{
    return page.findChild<QComboBox*>(u"templateBox"_s);
}

/// Chooses a template by its id, as the keyboard does.
inline void choose(const ProbePage& page, const QString& id)
{
    QComboBox* box = templateBox(page);
    const int wanted = box->findData(id);
    QVERIFY2(wanted >= 0, qPrintable(id));
    while (box->currentIndex() != wanted)
        QTest::keyClick(box, box->currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
}

inline QString templateLine(const ProbePage& page, ModelRole role)
{
    return column(page, role)->findChild<ElidedLabel*>(u"templateLabel"_s)->fullText();
}

inline QString templateTip(const ProbePage& page, ModelRole role)
{
    const QString tip = column(page, role)->findChild<ElidedLabel*>(u"templateLabel"_s)->toolTip();
    return QTextDocumentFragment::fromHtml(tip).toPlainText();
}

inline void type(ProbePage& page, const QString& text)
{
    promptEdit(page)->setFocus();
    promptEdit(page)->clear();
    QTest::keyClicks(promptEdit(page), text);
}

} // namespace lacuna
