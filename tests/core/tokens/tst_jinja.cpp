#include "core/tokens/jinja/template.h"

#include "core/base/json.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <ctime>

using namespace lacuna;

namespace {

/// A template's text, or its error, as a test compares it.
Result<std::string> rendered(const std::string& source, const OrderedJson& variables,
                             const jinja::RenderOptions& options = {})
{
    const Result<jinja::Template> parsed = jinja::Template::parse(source, "test.jinja");
    if (!parsed)
        return parsed.error();
    return parsed->render(variables, options);
}

QString shownResult(const Result<std::string>& result)
{
    return result ? shown(*result) : shown("error: " + result.error().text());
}

std::string repeated(const std::string& text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

} // namespace

class TestJinja : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Recorded with Jinja2 itself; see tests/data/tokens/chat/README.md.
    void saysWhatJinja2Says_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<bool>("fails");
        const std::string text = readTextFile(TEST_DATA_DIR "/tokens/chat/jinja.json").value();
        m_variables = OrderedJson::parse(text)["variables"];
        const OrderedJson document = OrderedJson::parse(text);
        for (const OrderedJson& entry : document["cases"]) {
            // Jinja fails too, or the case is outside of the part that is built here.
            const bool fails = entry["expected"].is_null() || entry.contains("refused");
            QTest::newRow(qPrintable(shown(entry["template"].dump())))
                << shown(entry["template"].get<std::string>())
                << (fails ? QString() : shown(entry["expected"].get<std::string>())) << fails;
        }
    }
    void saysWhatJinja2Says()
    {
        QFETCH(QString, source);
        QFETCH(QString, expected);
        QFETCH(bool, fails);
        const Result<std::string> result = rendered(source.toStdString(), m_variables);
        if (!fails)
            QCOMPARE(shownResult(result), expected);
        else
            QVERIFY2(!result, qPrintable(shownResult(result)));
    }

    void aTemplateThatTakesTooMuchIsStopped_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const std::string& source, const char* reason) {
            QTest::newRow(name) << shown(source) << shown(reason);
        };
        const std::string loop = "{% for i in range(99999) %}";
        const std::string end = "{% endfor %}";
        const std::string deep = "more than";
        row("loops in loops", repeated(loop, 4) + "x" + repeated(end, 4), "does not end within");
        row("a loop that prints nothing", repeated(loop, 3) + repeated(end, 3), "the template");
        row("a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "calls itself");
        row("two macros that call each other",
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
            "calls itself");
        row("a macro that calls itself twice a time",
            "{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}"
            "{{ m(50) }}",
            "does not end within");
        row("a text that doubles",
            "{% set ns = namespace(t='ab') %}" + loop + "{% set ns.t = ns.t ~ ns.t %}" + end,
            "take more than");
        row("a list that doubles",
            "{% set ns = namespace(t=[1]) %}" + loop + "{% set ns.t = ns.t + ns.t %}" + end,
            "take more than");
        row("output that grows", loop + repeated("0123456789", 100) + end, "writes more than");
        row("lists in lists",
            "{% set ns = namespace(t=[]) %}" + loop + "{% set ns.t = [ns.t] %}" + end,
            "nested more than");
        row("methods of dicts in dicts",
            "{% set ns = namespace(t={}) %}" + loop + "{% set ns.t = {'a': ns.t.get} %}" + end,
            "nested more than");
        row("a list that holds itself many times over",
            "{% set ns = namespace(t=['x']) %}{% for i in range(50) %}"
            "{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t }}",
            "the template");
        row("the same, compared",
            "{% set ns = namespace(t=['x'], u=['x']) %}{% for i in range(50) %}"
            "{% set ns.t = [ns.t, ns.t] %}{% set ns.u = [ns.u, ns.u] %}{% endfor %}"
            "{{ ns.t == ns.u }}",
            "the template");
        row("the same, as JSON",
            "{% set ns = namespace(t=['x']) %}{% for i in range(50) %}"
            "{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t | tojson }}",
            "the template");
        row("a text repeated", "{{ 'abc' * 99999999999 }}", "take more than");
        row("a text repeated past every size", "{{ 'abc' * 9223372036854775807 }}", "too large");
        row("a list repeated", "{{ [1, 2] * 999999999 }}", "take more than");
        row("a wide margin", "{{ 'a' | indent(99999999999) }}", "indent");
        row("a margin of nothing but lines",
            "{{ ('\\n' * 1000000) | indent('xxxxxxxxx'*99, true, true) }}", "take more than");
        row("a replacement that grows", "{{ ('a' * 1000000) | replace('a', 'b' * 1000) }}",
            "take more than");
        row("a replacement of nothing", "{{ ('a' * 1000000) | replace('', 'b' * 1000) }}",
            "the template");
        row("a text joined with itself", "{{ ('x' * 100000).join('y' * 100000) }}",
            "take more than");
        row("a search made to be slow",
            "{% set a = 'a' * 1000000 %}{% set b = 'a' * 500000 ~ 'b' %}" + loop +
                "{% if b in a %}{% endif %}" + end,
            "does not end within");
        row("splits from the right made to be slow",
            "{% set a = 'a' * 1000000 %}" + loop + "{{ a.rsplit('a' * 1000 ~ 'b')|length }}" + end,
            "does not end within");
        row("sorting over and over",
            "{% set r = range(99999)|list %}" + loop + "{% set x = r|sort(reverse=true) %}" + end,
            "the template");
        row("a dict with many keys",
            loop + "{% set d = dict(d or {}, x=1) %}" + end + repeated(loop, 3) + repeated(end, 3),
            "does not end within");
        row("namespaces over and over",
            repeated(loop, 2) + "{% set n = namespace() %}" + repeated(end, 2), "the template");
        row("macros over and over",
            repeated(loop, 2) + "{% macro m() %}{% endmacro %}" + repeated(end, 2), "the template");
        row("a very long range", "{{ range(0, 9000000000000000000)|length }}", "not allowed");
        row("many brackets", "{{ " + repeated("(", 100000) + "1" + repeated(")", 100000) + " }}",
            "nested more than");
        row("many square brackets", "{{ " + repeated("[", 100000) + repeated("]", 100000) + " }}",
            "nested more than");
        row("many signs", "{{ " + repeated("- ", 100000) + "1 }}", "nested more than");
        row("many nots", "{{ " + repeated("not ", 100000) + "1 }}", "nested more than");
        row("a long sum", "{{ 1" + repeated(" + 1", 100000) + " }}", deep.c_str());
        row("a long chain of fields", "{{ a" + repeated(".b", 100000) + " }}", deep.c_str());
        row("a long chain of filters", "{{ a" + repeated("|trim", 100000) + " }}", deep.c_str());
        row("a long chain of ifs", "{{ 1" + repeated(" if 1 else 1", 10000) + " }}",
            "nested more than");
        row("a long chain of powers", "{{ 1" + repeated(" ** 1", 100000) + " }}", deep.c_str());
        row("many blocks", repeated("{% if 1 %}", 100000), "nested more than");
        row("many targets",
            "{% set " + repeated("(", 100000) + "a" + repeated(")", 100000) + " = 1 %}",
            "nested more than");
        row("a template of several megabytes", repeated("0123456789", 200000), "takes more than");
    }
    void aTemplateThatTakesTooMuchIsStopped()
    {
        QFETCH(QString, source);
        QFETCH(QString, reason);
        const std::clock_t start = std::clock(); // of this process: others may be busy
        const Result<std::string> result = rendered(source.toStdString(), OrderedJson::object());
        QVERIFY(!result);
        QVERIFY2(shown(result.error().message).contains(reason), qPrintable(shownResult(result)));
        QVERIFY(shown(result.error().context).startsWith(shown("test.jinja")));
        // The slowest takes half a second on an idle core here; nobody should wait two. A thread
        // sanitizer makes some thirty times as much of it.
        const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
#ifdef __SANITIZE_THREAD__
        constexpr double kPatience = 50;
#else
        constexpr double kPatience = 1.5;
#endif
        QVERIFY2(seconds < kPatience, qPrintable(QString::number(seconds)));
    }

    void anErrorNamesFileAndLine_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("error");
        const auto row = [](const char* name, const char* source, const char* error) {
            QTest::newRow(name) << shown(source) << shown(error);
        };
        row("something that is not there", "a\n\n{{ x.y }}",
            "test.jinja:3: \"x\" is not defined, and so has no field \"y\"");
        row("a field of a field that is not there", "{{ m.a.b }}",
            "test.jinja:1: \"a\" of a dict is not defined, and so has no field \"b\"");
        row("a tag that never ends", "a\n{{ 1", "test.jinja:2: a tag is never closed with }}");
        row("a block that never ends", "{% if 1 %}\n\nx",
            "test.jinja:3: \"endif\" is needed where the template's end stands");
        row("an unknown statement", "\n{% include 'x' %}",
            "test.jinja:2: the statement \"include\" is not known");
        row("an unknown filter", "{{ 1 | nothing }}",
            "test.jinja:1: the filter \"nothing\" is not known");
        row("a refusal", "\n\n{{ raise_exception('no system role') }}",
            "test.jinja:3: the template refuses the conversation: no system role; change the "
            "messages or use another template");
        row("an operator", "{{ 1 +\n 'a' }}",
            "test.jinja:1: a whole number + a text cannot be computed");
        row("a failure behind a macro", "{% macro m() %}\n\n1{% endmacro %}\n{{ m() - 1 }}",
            "test.jinja:4: a text - a whole number cannot be computed");
        row("a wrong argument", "{{ 'a'|trim(x=1) }}", "test.jinja:1: trim has no argument x");
        row("a statement's half", "{% for x of y %}",
            "test.jinja:1: \"in\" is needed where \"of\" stands");
    }
    void anErrorNamesFileAndLine()
    {
        QFETCH(QString, source);
        QFETCH(QString, error);
        const Result<std::string> result =
            rendered(source.toStdString(), {{"m", OrderedJson::object()}});
        QVERIFY(!result);
        QCOMPARE(shown(result.error().text()), error);
    }

    void theDayIsPinnedUnlessAnotherIsGiven()
    {
        const std::string source = "{{ strftime_now('%A %d %b %Y') }}";
        QCOMPARE(shownResult(rendered(source, OrderedJson::object())),
                 shown("Thursday 10 Apr 2025"));
        QCOMPARE(shownResult(rendered(source, OrderedJson::object(),
                                      {.date = {.year = 2024, .month = 2, .day = 29}})),
                 shown("Thursday 29 Feb 2024"));
    }

    void bytesThatAreNoTextAreRefused()
    {
        QVERIFY(!jinja::Template::parse("a\xFF", "test.jinja"));
        const Result<std::string> result = rendered("{{ x }}", {{"x", std::string("a\xFF") + "b"}});
        QCOMPARE(shownResult(result), shown("a\xEF\xBF\xBD"
                                            "b"));
    }

    void aTemplateIsRenderedAnewEachTime()
    {
        const auto parsed = jinja::Template::parse(
            "{% set ns = namespace(n=n) %}{% for i in l|map('upper') %}{% set ns.n = ns.n + 1 %}"
            "{% endfor %}{{ ns.n }}",
            "test.jinja");
        QVERIFY(bool(parsed));
        for (const int n : {1, 5, 1}) {
            const OrderedJson variables = {{"n", n}, {"l", {"a", "b"}}};
            QCOMPARE(shownResult(parsed->render(variables)), QString::number(n + 2));
        }
    }

private:
    OrderedJson m_variables;
};

QTEST_GUILESS_MAIN(TestJinja)
#include "tst_jinja.moc"
