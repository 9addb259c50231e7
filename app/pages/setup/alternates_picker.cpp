#include "app/pages/setup/alternates_picker.h"

#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/setup/recent_paths.h"
#include "app/services.h"
#include "app/settings.h"
#include "app/workspace.h"
#include "core/methods/method.h"
#include "widgets/base/prompts.h"
#include "widgets/form/path_picker.h"

#include <nlohmann/json.hpp>

#include <QEvent>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

AnswerSource sourceOf(const Json& method)
{
    if (!method.is_object() || !method.contains("id") || !method["id"].is_string())
        return AnswerSource::None;
    const auto info = methods().find(method["id"].get<std::string>());
    return info ? (*info)->answers : AnswerSource::None;
}

} // namespace

AlternatesPicker::AlternatesPicker(Services& services, QWidget* parent)
    : QWidget(parent), m_services(services), m_picker(new PathPicker(PathPicker::Kind::File, this))
{
    m_picker->setObjectName(u"alternatesPicker"_s);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_picker);
    connect(m_picker, &PathPicker::pathChosen, this, &AlternatesPicker::choose);
    connect(m_picker, &PathPicker::clearRequested, this, [this] { choose({}); });
    connect(m_picker, &PathPicker::browseRequested, this, [this] {
        const QString path = m_services.prompts.chooseFile(
            m_picker->accessibleName(),
            m_picker->path().isEmpty() ? recentPaths(m_services.settings, u"alternates"_s).value(0)
                                       : m_picker->path(),
            tr("Answers (*.jsonl *.json *.csv *.tsv *.txt);;All files (*)"));
        if (!path.isEmpty())
            choose(path);
    });
    retranslate();
    hide();
}

void AlternatesPicker::follow(const Recipe& recipe)
{
    m_source = sourceOf(recipe.method);
    setVisible(m_source != AnswerSource::None);
    retranslate();
    const QString path = QString::fromStdString(recipe.alternates);
    if (path == m_picker->path())
        return;
    m_problem.clear();
    m_picker->setPath(path);
    m_picker->setRecent(recentPaths(m_services.settings, u"alternates"_s));
    if (!path.isEmpty())
        read(path);
}

void AlternatesPicker::choose(const QString& path)
{
    m_services.workspace.edit([&](Recipe& recipe) { recipe.alternates = path.toStdString(); });
}

void AlternatesPicker::read(const QString& path)
{
    m_services.background.run(
        this, [path = path.toStdString()] { return readAnswerPool(path); },
        [this, path](const Result<AnswerPool>& pool) {
            if (path != m_picker->path())
                return; // a later one is on its way
            if (pool) {
                rememberPath(m_services.settings, u"alternates"_s, path);
                m_picker->setState(PathPicker::State::Ok,
                                   pool->shared.empty()
                                       ? tr("answers to %Ln questions", nullptr,
                                            static_cast<int>(pool->byPrompt.size()))
                                       : tr("%Ln sentences that fit every question", nullptr,
                                            static_cast<int>(pool->shared.size())));
            } else {
                m_problem = errorText(pool.error());
                m_picker->setState(PathPicker::State::Problem, m_problem);
            }
            Q_EMIT changed();
        });
}

void AlternatesPicker::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void AlternatesPicker::retranslate()
{
    QString own;
    switch (m_source) {
    case AnswerSource::None:
        break;
    case AnswerSource::Refusals:
        own = tr("Without a file: sentences that decline, of the program's own.");
        break;
    case AnswerSource::ModelWritten:
        own = tr("Without a file: the model writes them itself before the first step.");
        break;
    case AnswerSource::Retain:
        own = tr("Without a file: answers of the retain set, to questions they do not fit.");
        break;
    case AnswerSource::Forget:
        own = tr("Without a file: answers of other samples of the forget set.");
        break;
    }
    m_picker->setTexts(tr("Other answers (optional)"), own);
}

} // namespace lacuna
