#include "app/pages/setup/sweep_values.h"

#include "core/base/text.h"
#include "core/methods/method.h"
#include "widgets/form/param_field.h"

#include <QCoreApplication>
#include <QStringList>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// Its values are whole methods: an id alone would be given the parameters of another method.
constexpr const char* kMethod = "method";

struct SweepKeys {
    Q_DECLARE_TR_FUNCTIONS(lacuna::SweepKeys)
};

void addMethodKeys(const Json& method, std::vector<SweepKey>& keys)
{
    if (!method.is_object())
        return;
    const auto info = methods().find(method.value("id", std::string()));
    if (!info)
        return;
    const auto add = [&](const std::string& path, const QString& title) {
        keys.push_back({path, title});
    };
    for (const ParamSpec& spec : (*info)->params)
        add("method." + spec.name, SweepKeys::tr("%1 (method)").arg(paramTitle(spec.name)));
    add("method.forget_weight", SweepKeys::tr("Weight of forgetting"));
    if (!method.contains("retain") || !method["retain"].is_object())
        return;
    add("method.retain.weight", SweepKeys::tr("Weight of keeping"));
    if (const auto term = retainTerms().find(method["retain"].value("id", std::string())))
        for (const ParamSpec& spec : (*term)->params)
            add("method.retain." + spec.name,
                SweepKeys::tr("%1 (retain term)").arg(paramTitle(spec.name)));
}

/// At the commas that stand in no text and no object.
std::vector<std::string> splitValues(const std::string& text)
{
    std::vector<std::string> parts(1);
    bool quoted = false;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' && (i == 0 || text[i - 1] != '\\'))
            quoted = !quoted;
        if (!quoted && (c == '{' || c == '['))
            ++depth;
        if (!quoted && (c == '}' || c == ']'))
            --depth;
        if (c == ',' && !quoted && depth <= 0)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

QString valueText(const Json& value)
{
    if (value.is_object() && value.size() == 1 && value.contains("id") && value["id"].is_string())
        return QString::fromStdString(value["id"].get<std::string>());
    const bool word = value.is_string() && !value.get<std::string>().empty() &&
                      !Json::accept(value.get<std::string>()) &&
                      value.get<std::string>().find(',') == std::string::npos;
    return QString::fromStdString(word ? value.get<std::string>() : value.dump());
}

} // namespace

std::vector<SweepKey> sweepKeys(const Recipe& recipe)
{
    std::vector<SweepKey> keys = {{"training.learning_rate", SweepKeys::tr("Learning rate")}};
    if (recipe.training.steps == 0) // otherwise they say nothing
        keys.push_back({"training.epochs", SweepKeys::tr("Epochs")});
    keys.insert(keys.end(), {{"training.steps", SweepKeys::tr("Steps")},
                             {"training.batch_size", SweepKeys::tr("Batch size")},
                             {"training.weight_decay", SweepKeys::tr("Weight decay")},
                             {"seed", SweepKeys::tr("Seed")},
                             {kMethod, SweepKeys::tr("Method, with its default values")}});
    addMethodKeys(recipe.method, keys);
    if (recipe.scope.adapter) {
        keys.push_back({"scope.adapter.rank", SweepKeys::tr("Adapter's rank")});
        keys.push_back({"scope.adapter.alpha", SweepKeys::tr("Adapter's alpha")});
    }
    keys.push_back({"scope.layers", SweepKeys::tr("Layers to train")});
    return keys;
}

Json readSweepValues(const std::string& path, const QString& text)
{
    Json values = Json::array();
    for (const std::string& part : splitValues(text.toStdString()))
        if (const std::string word(trimmed(part)); !word.empty())
            values.push_back(Json::accept(word) ? Json::parse(word) : Json(word));
    if (path == kMethod)
        for (Json& value : values)
            if (value.is_string())
                value = Json{{"id", value}};
    return values;
}

QString sweepValuesText(const Json& values)
{
    QStringList parts;
    for (const Json& value : values)
        parts << valueText(value);
    return parts.join(u", "_s);
}

Status checkSweepValues(const Recipe& recipe, const std::string& path, const Json& values)
{
    const Json document = recipe.toJson();
    for (const Json& value : values) {
        Json point = document;
        if (point["method"].is_null())
            point["method"] = Json::object(); // not chosen yet
        if (Status status = setValue(point, path, value); !status)
            return status;
        const Result<Recipe> read = parseRecipe(point, {});
        if (!read)
            return read.error();
        if (path.starts_with(kMethod))
            if (const auto spec = readMethodSpec(read->method, "recipe.method"); !spec)
                return spec.error();
    }
    return {};
}

} // namespace lacuna
