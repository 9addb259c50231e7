#include "widgets/text/token_text.h"

#include "core/base/text.h"

#include <QLocale>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

float otherLogProb(const ProbeAnswer::Token& token, const ProbeAnswer::Token& other)
{
    if (token.id == other.id && token.piece == other.piece)
        return other.logProb;
    const auto found = std::find_if(
        other.alternatives.begin(), other.alternatives.end(),
        [&token](const auto& alternative) { return alternative.piece == token.piece; });
    return found != other.alternatives.end() ? found->logProb
                                             : std::numeric_limits<float>::quiet_NaN();
}

} // namespace

QString shownToken(const std::string& text, bool showSpace)
{
    return QString::fromStdString(showSpace ? visibleSpace(text) : text);
}

std::vector<float> logProbDeltas(std::span<const ProbeAnswer::Token> shown,
                                 std::span<const ProbeAnswer::Token> other, bool shownIsOriginal)
{
    std::vector<float> deltas(shown.size(), std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < std::min(shown.size(), other.size()); ++i) {
        const float difference = shown[i].logProb - otherLogProb(shown[i], other[i]);
        deltas[i] = shownIsOriginal ? -difference : difference;
        if (shown[i].id != other[i].id)
            break;
    }
    return deltas;
}

double deltaScale(std::span<const float> deltas)
{
    double largest = 0;
    for (const float delta : deltas)
        if (std::isfinite(delta))
            largest = std::max(largest, std::abs(static_cast<double>(delta)));
    double scale = 1;
    while (scale < largest && scale < 16)
        scale *= 2;
    return scale;
}

qsizetype sentencesEnd(const QString& text, qsizetype from)
{
    for (qsizetype at = text.size() - 1; at >= from; --at) {
        const QChar mark = text[at];
        if (mark == u'\n' || mark == u'。' || mark == u'！' || mark == u'？')
            return at + 1;
        // "3.14" and "e.g" go on; a mark at the very end may too.
        const bool spaceFollows = at + 1 < text.size() && text[at + 1].isSpace();
        if (spaceFollows && (mark == u'.' || mark == u'!' || mark == u'?'))
            return at + 1;
    }
    return from;
}

QString probabilityText(double logProb)
{
    const QLocale locale;
    if (std::isnan(logProb))
        return u"–"_s;
    const double percent = std::exp(logProb) * 100;
    if (percent < 0.001)
        return u"< %1 %"_s.arg(locale.toString(0.001, 'f', 3));
    const int decimals = percent >= 10 ? 1 : percent >= 1 ? 2 : 3;
    // 99.97 % is not 100 %.
    if (percent < 100 && percent >= 99.95)
        return u"> %1 %"_s.arg(locale.toString(99.9, 'f', 1));
    return u"%1 %"_s.arg(locale.toString(percent, 'f', decimals));
}

} // namespace lacuna
