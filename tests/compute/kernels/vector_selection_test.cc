#include "compute/kernels/vector_selection.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/kernels/gather.h"
#include "compute/kernels/select_range.h"
#include "compute/kernels/selected_bounds.h"
#include "tests/testing/each_target.h"

namespace sextant {
namespace {

constexpr uint32_t kRowCounts[] = {0, 1, 63, 64, 65, 127, 128, 1000, 1024, 20'000};

/// Selections of every density: all rows, none, runs, about one in `2^k`.
std::vector<uint64_t> RandomSelection(std::mt19937_64& draws, uint32_t num_rows) {
  std::vector<uint64_t> words(BitmapWords(num_rows));
  const uint64_t ands = draws() % 9;
  for (uint64_t& word : words) {
    word = ~uint64_t{0};
    for (uint64_t i = 0; i < ands; ++i) word &= draws();
    if (draws() % 8 == 0) word = 0;
    if (draws() % 8 == 0) word = ~uint64_t{0};
  }
  KeepBitRange(words, 0, num_rows);
  return words;
}

/// Some words of it.
Selection SomeOf(std::mt19937_64& draws, std::vector<uint64_t>& words) {
  const auto num_words = static_cast<uint32_t>(words.size());
  if (draws() % 2 == 0) return {words.data(), 0, num_words};
  const auto first = static_cast<uint32_t>(draws() % (num_words + 1));
  return {words.data(), first, first + static_cast<uint32_t>(draws() % (num_words - first + 1))};
}

template <typename T>
std::vector<T> RandomValues(std::mt19937_64& draws, uint32_t num_rows) {
  std::vector<T> values(num_rows);
  const int shift = static_cast<int>(draws() % std::numeric_limits<T>::digits);
  for (T& value : values) value = static_cast<T>(static_cast<T>(draws()) >> shift);
  if (num_rows > 0) values[draws() % num_rows] = std::numeric_limits<T>::max();
  return values;
}

template <typename T>
class VectorRangeTest : public testing::Test {};
using Slots = testing::Types<uint8_t, uint16_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(VectorRangeTest, Slots);

TYPED_TEST(VectorRangeTest, KeepsWhatTheScalarFormKeeps) {
  std::mt19937_64 draws(11);
  for (int round = 0; round < 40; ++round) {
    for (const uint32_t num_rows : kRowCounts) {
      const std::vector<TypeParam> values = RandomValues<TypeParam>(draws, num_rows);
      const auto border = [&] {
        return num_rows == 0 || draws() % 4 == 0 ? static_cast<TypeParam>(draws())
                                                 : values[draws() % num_rows];
      };
      const TypeParam a = border();
      const TypeParam b = border();
      const TypeParam low = std::min(a, b);
      const auto span = static_cast<TypeParam>(std::max(a, b) - low);
      const bool negated = draws() % 2 == 0;
      std::vector<uint64_t> words = RandomSelection(draws, num_rows);
      std::vector<uint64_t> expected = words;
      const Selection selection = SomeOf(draws, words);
      NarrowByRangeScalar(values.data(), num_rows, low, span, negated,
                          {expected.data(), selection.first, selection.last});
      const std::vector<uint64_t> before = words;
      WithEachTarget([&] {
        words = before;
        NarrowByRange(values.data(), num_rows, low, span, negated,
                      {words.data(), selection.first, selection.last});
        ASSERT_EQ(words, expected) << "round " << round << ", " << num_rows << " rows";
      });
    }
  }
}

TYPED_TEST(VectorRangeTest, BoundsOfSelectedRowsAreThoseOfTheScalarForm) {
  std::mt19937_64 draws(15);
  for (int round = 0; round < 40; ++round) {
    for (const uint32_t num_rows : kRowCounts) {
      const std::vector<TypeParam> values = RandomValues<TypeParam>(draws, num_rows);
      std::vector<uint64_t> words = RandomSelection(draws, num_rows);
      const std::vector<uint64_t> valid = RandomSelection(draws, num_rows);
      const uint64_t* const validity = draws() % 3 == 0 ? nullptr : valid.data();
      const Selection selection = SomeOf(draws, words);
      const SlotBounds expected = BoundsOfSelectedScalar(values.data(), validity, selection);
      WithEachTarget([&] {
        const SlotBounds bounds = BoundsOfSelected(values.data(), num_rows, validity, selection);
        ASSERT_EQ(bounds.min, expected.min) << "round " << round << ", " << num_rows << " rows";
        ASSERT_EQ(bounds.max, expected.max) << "round " << round << ", " << num_rows << " rows";
      });
    }
  }
}

TEST(VectorSelectionTest, ByteCodesAreLookedUpAsInTheScalarForm) {
  std::mt19937_64 draws(12);
  for (int round = 0; round < 100; ++round) {
    for (const uint32_t num_rows : kRowCounts) {
      const std::vector<uint8_t> codes = RandomValues<uint8_t>(draws, num_rows);
      uint64_t table[4];
      for (uint64_t& word : table) word = draws();
      std::vector<uint64_t> words = RandomSelection(draws, num_rows);
      std::vector<uint64_t> expected = words;
      const Selection selection = SomeOf(draws, words);
      NarrowByCodes(codes.data(), num_rows, table,
                    {expected.data(), selection.first, selection.last});
      const std::vector<uint64_t> before = words;
      WithEachTarget([&] {
        words = before;
        NarrowByByteCodes(codes.data(), num_rows, table,
                          {words.data(), selection.first, selection.last});
        ASSERT_EQ(words, expected) << "round " << round << ", " << num_rows << " rows";
      });
    }
  }
}

TEST(VectorSelectionTest, WordCodesAreLookedUpAsInTheScalarForm) {
  std::mt19937_64 draws(14);
  for (const uint32_t num_codes : {1u, 300u, 1024u, 1025u, 2048u, 2049u, 3000u, 4096u}) {
    for (int round = 0; round < 20; ++round) {
      for (const uint32_t num_rows : kRowCounts) {
        std::vector<uint16_t> codes(num_rows);
        for (uint16_t& code : codes) code = static_cast<uint16_t>(draws() % num_codes);
        std::vector<uint64_t> table(BitmapWords(num_codes) + draws() % 3);
        for (uint64_t& word : table) word = draws();
        std::vector<uint64_t> words = RandomSelection(draws, num_rows);
        std::vector<uint64_t> expected = words;
        const Selection selection = SomeOf(draws, words);
        NarrowByCodes(codes.data(), num_rows, table.data(),
                      {expected.data(), selection.first, selection.last});
        const std::vector<uint64_t> before = words;
        WithEachTarget([&] {
          words = before;
          NarrowByWordCodes(codes.data(), num_rows, table,
                            {words.data(), selection.first, selection.last});
          ASSERT_EQ(words, expected) << num_codes << " codes, " << num_rows << " rows";
        });
      }
    }
  }
}

TEST(VectorSelectionTest, EveryByteCodeHasItsBit) {
  std::vector<uint8_t> codes(256);
  for (size_t code = 0; code < codes.size(); ++code) codes[code] = static_cast<uint8_t>(code);
  for (uint32_t wanted = 0; wanted < 256; ++wanted) {
    std::vector<uint64_t> table(4);
    SetBit(table, wanted);
    std::vector<uint64_t> words(4, ~uint64_t{0});
    NarrowByByteCodes(codes.data(), 256, table.data(), {words.data(), 0, 4});
    EXPECT_EQ(words, table) << "code " << wanted;
  }
}

TEST(VectorSelectionTest, RowsAreTakenInBatchesThatEndWithAWord) {
  std::mt19937_64 draws(13);
  for (int round = 0; round < 200; ++round) {
    for (const uint32_t num_rows : kRowCounts) {
      std::vector<uint64_t> words = RandomSelection(draws, num_rows);
      const Selection selection = SomeOf(draws, words);
      const std::span<const uint64_t> selected(words.data() + selection.first,
                                               selection.last - selection.first);
      WithEachTarget([&] { ASSERT_EQ(CountSelected(selection), CountBits(selected)); });
      const size_t capacity = 64 + draws() % 1000;
      uint32_t word = selection.first;
      while (word < selection.last) {
        std::vector<uint32_t> expected(capacity + 64);
        size_t count = 0;
        uint32_t next = word;
        for (; next < selection.last && count + 64 <= capacity; ++next) {
          count = AppendBits(words[next], next * 64, expected.data(), count);
        }
        expected.resize(count);
        WithEachTarget([&] {
          std::vector<uint32_t> rows(capacity);
          const TakenRows taken =
              TakeRows(words.data(), word, selection.last, rows.data(), capacity);
          rows.resize(taken.count);
          ASSERT_EQ(taken.next_word, next) << "round " << round;
          ASSERT_EQ(rows, expected) << "round " << round;
        });
        word = next;
      }
    }
  }
}

}  // namespace
}  // namespace sextant
