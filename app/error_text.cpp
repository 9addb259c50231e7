#include "app/error_text.h"

#include <QCoreApplication>
#include <QStringList>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// Context of the functions below for translators.
struct ErrorText {
    Q_DECLARE_TR_FUNCTIONS(ErrorText)

public:
    static QString lead(ErrorCode code)
    {
        switch (code) {
        case ErrorCode::NotFound:
            return tr("Not found");
        case ErrorCode::Corrupt:
            return tr("Damaged");
        case ErrorCode::Unsupported:
            return tr("Not supported");
        case ErrorCode::InvalidArgument:
            return tr("Not possible");
        case ErrorCode::Io:
            return tr("Reading or writing went wrong");
        case ErrorCode::OutOfMemory:
            return tr("Not enough memory");
        case ErrorCode::Internal:
            return tr("A fault of this program");
        }
        return {};
    }

    static QString sentences(const QString& lead, const QString& message, const QString& place)
    {
        return place.isEmpty() ? tr("%1: %2.").arg(lead, message)
                               : tr("%1: %2 (%3).").arg(lead, message, place);
    }
};

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8).trimmed();
}

/// The last part of a path, with its row; the whole of anything else. The details have it all.
QString shortPlace(const QString& context)
{
    const QString last = context.section(u'/', -1).trimmed();
    return last.isEmpty() ? context : last;
}

QString asSentence(QString remedy)
{
    if (remedy.isEmpty())
        return {};
    remedy.front() = remedy.front().toUpper();
    const bool ended = remedy.endsWith(u'.') || remedy.endsWith(u'?') || remedy.endsWith(u'!');
    return ended ? remedy : remedy + u'.';
}

} // namespace

QString errorText(const Error& error)
{
    const QString what = ErrorText::sentences(ErrorText::lead(error.code), text(error.message),
                                              shortPlace(text(error.context)));
    const QString remedy = asSentence(text(error.remedy));
    return remedy.isEmpty() ? what : what + u' ' + remedy;
}

QString errorDetails(const Error& error)
{
    QStringList lines = {u"code: "_s + text(std::string(errorCodeName(error.code))),
                         u"message: "_s + text(error.message)};
    if (!error.context.empty())
        lines += u"place: "_s + text(error.context);
    if (!error.remedy.empty())
        lines += u"remedy: "_s + text(error.remedy);
    return lines.join(u'\n');
}

} // namespace lacuna
