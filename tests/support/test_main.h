#pragma once

#include <QtTest>

// QTEST_GUILESS_MAIN under one name, so that a test's last lines are the same everywhere: the class
// and the moc output.
#define LACUNA_TEST_MAIN(Class) QTEST_GUILESS_MAIN(Class)
