#include "core/exchange/elements.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

using namespace lacuna;

class TestElements : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyHalfComesBack();
    void aFloatBecomesTheNearestHalf();
    void whatIsBeyondHalfIsInfinite();
    void everyBfloat16ComesBack();
    void aFloatBecomesTheNearestBfloat16();
    void bytesBecomeFloatsAndBack_data();
    void bytesBecomeFloatsAndBack();
    void aBlockOfQ8IsWhatGgmlMakes();
    void halvesOfQ8AreRoundedAwayFromZero();
    void emptyAndTinyBlocksOfQ8AreZero();
};

void TestElements::everyHalfComesBack()
{
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const float value = floatOfHalf(static_cast<std::uint16_t>(bits));
        if (std::isnan(value))
            QVERIFY(std::isnan(floatOfHalf(halfOf(value))));
        else
            QCOMPARE(halfOf(value), static_cast<std::uint16_t>(bits));
    }
    QCOMPARE(floatOfHalf(0x3C00), 1.0F);
    QCOMPARE(floatOfHalf(0xC000), -2.0F);
    QCOMPARE(floatOfHalf(0x7BFF), 65504.0F);
    QCOMPARE(floatOfHalf(0x0001), 0x1p-24F);
    QCOMPARE(floatOfHalf(0x0400), 0x1p-14F);
}

/// Between two neighbours the middle goes to the even one, all else to the nearer.
void TestElements::aFloatBecomesTheNearestHalf()
{
    for (std::uint32_t bits = 0; bits < 0x7BFF; ++bits) {
        const auto low = static_cast<std::uint16_t>(bits);
        const auto high = static_cast<std::uint16_t>(bits + 1);
        const float middle = (floatOfHalf(low) + floatOfHalf(high)) / 2; // exact in float32
        const float infinity = std::numeric_limits<float>::infinity();
        QCOMPARE(halfOf(middle), bits % 2 == 0 ? low : high);
        QCOMPARE(halfOf(std::nextafter(middle, 0.0F)), low);
        QCOMPARE(halfOf(std::nextafter(middle, infinity)), high);
        QCOMPARE(halfOf(-middle), static_cast<std::uint16_t>(0x8000 | halfOf(middle)));
    }
}

void TestElements::whatIsBeyondHalfIsInfinite()
{
    QCOMPARE(halfOf(65519.0F), std::uint16_t{0x7BFF});
    QCOMPARE(halfOf(65520.0F), std::uint16_t{0x7C00});
    QCOMPARE(halfOf(-std::numeric_limits<float>::max()), std::uint16_t{0xFC00});
    QCOMPARE(halfOf(std::numeric_limits<float>::infinity()), std::uint16_t{0x7C00});
    // A NaN whose kept bits are all zero must not become infinite.
    QVERIFY(std::isnan(floatOfHalf(halfOf(std::bit_cast<float>(0x7F800001U)))));
}

void TestElements::everyBfloat16ComesBack()
{
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const float value = floatOfBfloat16(static_cast<std::uint16_t>(bits));
        if (std::isnan(value))
            QVERIFY(std::isnan(floatOfBfloat16(bfloat16Of(value))));
        else
            QCOMPARE(bfloat16Of(value), static_cast<std::uint16_t>(bits));
    }
}

void TestElements::aFloatBecomesTheNearestBfloat16()
{
    for (std::uint32_t bits = 0; bits < 0x7F7F; ++bits) {
        const auto low = static_cast<std::uint16_t>(bits);
        const auto middle = std::bit_cast<float>(bits << 16 | 0x8000U);
        QCOMPARE(bfloat16Of(middle), static_cast<std::uint16_t>(bits % 2 == 0 ? bits : bits + 1));
        QCOMPARE(bfloat16Of(std::bit_cast<float>(bits << 16 | 0x7FFFU)), low);
        QCOMPARE(bfloat16Of(std::bit_cast<float>(bits << 16 | 0x8001U)),
                 static_cast<std::uint16_t>(bits + 1));
    }
    QVERIFY(std::isnan(floatOfBfloat16(bfloat16Of(std::bit_cast<float>(0x7F800001U)))));
}

void TestElements::bytesBecomeFloatsAndBack_data()
{
    QTest::addColumn<int>("type");
    for (const ElementType type :
         {ElementType::F64, ElementType::F32, ElementType::F16, ElementType::BF16})
        QTest::newRow(elementTypeName(type).data()) << static_cast<int>(type);
}

void TestElements::bytesBecomeFloatsAndBack()
{
    QFETCH(int, type);
    const auto element = static_cast<ElementType>(type);
    const std::vector<float> values = {0.0F, -0.0F, 1.0F, -1.5F, 0.0078125F, 384.0F};
    std::vector<std::byte> bytes(values.size() * elementSize(element));
    std::vector<float> back(values.size());

    QVERIFY(isFloating(element));
    writeFloats(element, values, bytes);
    readFloats(element, bytes, back);

    for (std::size_t i = 0; i < values.size(); ++i)
        QCOMPARE(std::bit_cast<std::uint32_t>(back[i]), std::bit_cast<std::uint32_t>(values[i]));
    QVERIFY(!isFloating(ElementType::I64));
    QVERIFY_EXCEPTION_THROWN(readFloats(ElementType::I64, bytes, back), std::logic_error);
}

/// By hand, from quantize_row_q8_0_ref: max|x| = 127, so that d = 1 and every byte is round(x).
void TestElements::aBlockOfQ8IsWhatGgmlMakes()
{
    std::vector<float> values(2 * kQ8Block);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i % kQ8Block) * -4.0F + 0.25F;
    values[0] = 127;
    values[kQ8Block] = 254; // of the second block d = 2
    std::vector<std::byte> bytes(2 * kQ8BlockBytes);

    encodeQ8(values, bytes);

    QCOMPARE(bytes[0], std::byte{0x00}); // 1.0 in half precision is 0x3C00
    QCOMPARE(bytes[1], std::byte{0x3C});
    QCOMPARE(bytes[kQ8BlockBytes + 1], std::byte{0x40}); // 2.0 is 0x4000
    QCOMPARE(static_cast<std::int8_t>(bytes[2]), std::int8_t{127});
    QCOMPARE(static_cast<std::int8_t>(bytes[3]), std::int8_t{-4});
    QCOMPARE(static_cast<std::int8_t>(bytes[2 + 31]), std::int8_t{-124});
    QCOMPARE(static_cast<std::int8_t>(bytes[kQ8BlockBytes + 3]), std::int8_t{-2});
    std::vector<float> back(values.size());
    decodeQ8(bytes, back);
    QCOMPARE(back[1], -4.0F);
    QCOMPARE(back[kQ8Block], 254.0F);
}

void TestElements::halvesOfQ8AreRoundedAwayFromZero()
{
    std::vector<float> values(kQ8Block, 0.0F);
    values[0] = 127;
    values[1] = 2.5F;
    values[2] = -2.5F;
    values[3] = 3.5F;
    values[4] = std::nextafter(0.5F, 0.0F); // to which 0.5 must not be added before it is cut
    values[5] = std::nextafter(-0.5F, 0.0F);
    values[6] = -126.5F;
    std::vector<std::byte> bytes(kQ8BlockBytes);

    encodeQ8(values, bytes);

    QCOMPARE(static_cast<std::int8_t>(bytes[3]), std::int8_t{3});
    QCOMPARE(static_cast<std::int8_t>(bytes[4]), std::int8_t{-3});
    QCOMPARE(static_cast<std::int8_t>(bytes[5]), std::int8_t{4});
    QCOMPARE(static_cast<std::int8_t>(bytes[6]), std::int8_t{0});
    QCOMPARE(static_cast<std::int8_t>(bytes[7]), std::int8_t{0});
    QCOMPARE(static_cast<std::int8_t>(bytes[8]), std::int8_t{-127});
}

void TestElements::emptyAndTinyBlocksOfQ8AreZero()
{
    for (const float value : {0.0F, 1e-45F, 1e-38F, -1e-37F}) {
        const std::vector<float> values(kQ8Block, value);
        std::vector<std::byte> bytes(kQ8BlockBytes);
        std::vector<float> back(kQ8Block, 1.0F);
        encodeQ8(values, bytes);
        decodeQ8(bytes, back);
        for (const float one : back)
            QCOMPARE(one, 0.0F);
    }
}

QTEST_GUILESS_MAIN(TestElements)
#include "tst_elements.moc"
