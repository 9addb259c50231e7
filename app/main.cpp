#include "app/application.h"
#include "app/cli/store_path.h"
#include "app/main_window.h"
#include "app/real_prompts.h"
#include "app/screenshots.h"
#include "app/single_instance.h"
#include "widgets/base/icons.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>

#include <cstring>

using namespace Qt::StringLiterals;

int main(int argc, char** argv)
{
    // Pictures are made without a screen, so that they are the same everywhere.
    for (int i = 1; i < argc; ++i)
        if (std::strcmp(argv[i], "--screenshots") == 0)
            qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication qt(argc, argv);
    QCoreApplication::setOrganizationName(u"Lacuna"_s);
    QCoreApplication::setApplicationName(u"lacuna"_s);
    QGuiApplication::setApplicationDisplayName(u"Lacuna"_s);
    QGuiApplication::setWindowIcon(lacuna::lineIcon(u"lacuna"_s));
    QCoreApplication::setApplicationVersion(QStringLiteral(LACUNA_VERSION));

    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "A workbench for machine unlearning of language models."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption data(
        u"data"_s,
        QCoreApplication::translate("main", "Keep history, runs and settings in this folder."),
        u"folder"_s);
    const QCommandLineOption pictures(
        u"screenshots"_s,
        QCoreApplication::translate("main",
                                    "Render every page of the bundled experiment, light and dark."),
        u"folder"_s);
    parser.addOptions({data, pictures});
    parser.addPositionalArgument(
        u"path"_s,
        QCoreApplication::translate("main", "A model folder, a recipe or a corpus to open."),
        u"[path...]"_s);
    parser.process(qt);

    if (parser.isSet(pictures))
        return lacuna::renderScreenshots(
            parser.value(pictures), parser.isSet(data)
                                        ? QDir(parser.value(data)).filePath(u"history.sqlite"_s)
                                        : QString());

    const QString folder = parser.isSet(data)
                               ? QDir(parser.value(data)).absolutePath()
                               : QString::fromStdString(lacuna::dataFolder().string());
    QStringList paths;
    for (const QString& path : parser.positionalArguments())
        paths << QDir().absoluteFilePath(path);

    lacuna::SingleInstance instance(folder);
    if (instance.handOver(paths))
        return 0;
    instance.listen();
    lacuna::RealPrompts prompts;
    lacuna::Application application(
        {.data = folder.toStdString(),
         .settingsFile = parser.isSet(data) ? folder + u"/settings.ini"_s : QString()},
        prompts);
    prompts.setParent(&application.window());
    QObject::connect(&instance, &lacuna::SingleInstance::startedAgain, &application,
                     [&](const QStringList& more) {
                         QWidget& window = application.window();
                         window.setWindowState(window.windowState() & ~Qt::WindowMinimized);
                         window.show();
                         window.raise();
                         window.activateWindow();
                         for (const QString& path : more)
                             application.open(path);
                     });
    application.window().show();
    for (const QString& path : paths)
        application.open(path);
    return QApplication::exec();
}
