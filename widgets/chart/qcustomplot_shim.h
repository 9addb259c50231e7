#pragma once

// QCustomPlot's header is written with Qt's keywords, which this project turns off because torch
// has members of the same names. They exist for the length of this include only. For .cpp files and
// headers that no other folder includes: the header takes seconds to compile.

#include <QtCore/qobjectdefs.h>
#include <QtCore/qtmetamacros.h>

#define signals Q_SIGNALS
#define foreach Q_FOREACH

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <qcustomplot.h>
#pragma GCC diagnostic pop

#undef signals
#undef foreach
