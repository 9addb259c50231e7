#include "core/tokens/file_fields.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace lacuna {

void FileProblem::corrupt(const std::string& key, std::string message)
{
    if (!m_error)
        m_error = Error{.code = ErrorCode::Corrupt,
                        .message = std::move(message),
                        .context = m_file.string() + ": " + key,
                        .remedy = "fetch the file again from where the model comes from"};
}

void FileProblem::unsupported(const std::string& key, std::string message)
{
    if (!m_error)
        m_error = Error{.code = ErrorCode::Unsupported,
                        .message = std::move(message),
                        .context = m_file.string() + ": " + key,
                        .remedy = "where the model has a tokenizer.model as well, put it beside"};
}

FileFields::FileFields(const Json& object, std::string key, FileProblem& problem)
    : m_object(&object), m_key(std::move(key)), m_problem(&problem)
{
    if (!object.is_object())
        problem.corrupt(m_key.empty() ? "the top level" : m_key, "this must be an object");
}

const Json* FileFields::child(const char* name)
{
    m_known.emplace_back(name);
    if (!m_object->is_object())
        return nullptr;
    const auto found = m_object->find(name);
    return found == m_object->end() || found->is_null() ? nullptr : &*found;
}

bool FileFields::flag(const char* name, bool fallback)
{
    const Json* value = child(name);
    if (value && !value->is_boolean())
        corrupt(name, "this must be true or false");
    return value && value->is_boolean() ? value->get<bool>() : fallback;
}

std::string FileFields::text(const char* name, std::string fallback)
{
    const Json* value = child(name);
    if (value && !value->is_string())
        corrupt(name, "this must be a text");
    return value && value->is_string() ? value->get<std::string>() : std::move(fallback);
}

std::int64_t FileFields::integer(const char* name, std::int64_t fallback)
{
    const Json* value = child(name);
    if (!value)
        return fallback;
    const std::optional<std::int64_t> whole = wholeNumber(*value);
    if (!whole)
        corrupt(name, "this must be a whole number");
    return whole.value_or(fallback);
}

void FileFields::ignore(std::initializer_list<const char*> names)
{
    m_known.insert(m_known.end(), names.begin(), names.end());
}

void FileFields::finish()
{
    if (!m_object->is_object())
        return;
    for (const auto& [name, value] : m_object->items())
        if (std::find(m_known.begin(), m_known.end(), name) == m_known.end())
            unsupported(name, "this option is not known");
}

std::string FileFields::keyOf(const std::string& name) const
{
    return m_key.empty() ? name : m_key + "." + name;
}

void FileFields::corrupt(const std::string& name, std::string message)
{
    m_problem->corrupt(keyOf(name), std::move(message));
}

void FileFields::unsupported(const std::string& name, std::string message)
{
    m_problem->unsupported(keyOf(name), std::move(message));
}

} // namespace lacuna
