#include "compute/operators/sum_columns.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

constexpr int64_t kExact = int64_t{1} << 53;

/// What the accumulators' Append makes of the cells one by one: the truth.
template <typename Sum>
absl::Status AppendOneByOne(const SumFormat& format, const std::vector<Sum>& sums,
                            const std::vector<uint32_t>& cells, MetricValues& values) {
  for (const uint32_t cell : cells) {
    SEXTANT_RETURN_IF_ERROR(sums[cell].count != 0 ? sums[cell].Append(format, values)
                                                  : values.AppendMissing());
  }
  return absl::OkStatus();
}

/// Every bit of the values.
std::string TextOf(const absl::Status& status, const MetricValues& values) {
  if (!status.ok()) return status.ToString();
  std::string text = absl::StrCat(values.integers.size(), " ", values.floats.size());
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StrAppend(&text, " ", values.valid[i], ":");
    if (!values.integers.empty()) absl::StrAppend(&text, values.integers[i]);
    if (!values.floats.empty()) absl::StrAppend(&text, std::bit_cast<uint64_t>(values.floats[i]));
    if (!values.wides.empty()) {
      absl::StrAppend(&text, values.wides[i].high, "/", values.wides[i].low);
    }
  }
  return text;
}

class SumColumnsTest : public testing::TestWithParam<uint32_t> {
 protected:
  template <typename Sum>
  void ExpectTheSame(const SumFormat& format, const std::vector<Sum>& sums) {
    std::vector<uint32_t> cells(sums.size() + 5);
    for (uint32_t& cell : cells) cell = static_cast<uint32_t>(random_() % sums.size());
    MetricValues expected(format.result_type, budget_);
    MetricValues found(format.result_type, budget_);
    for (int round = 0; round < 2; ++round) {  // the second is appended to the first
      const std::string truth = TextOf(AppendOneByOne(format, sums, cells, expected), expected);
      EXPECT_EQ(TextOf(AppendSumColumn(format, sums.data(), cells, found), found), truth);
    }
  }

  /// Of numbers up to `limit`, one of them greater now and then.
  int64_t Integer(int64_t limit, bool has_beyond) {
    if (has_beyond && random_() % 16 == 0) return std::numeric_limits<int64_t>::min() + 3;
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(limit)) - limit / 2;
  }
  template <typename Sum>
  std::vector<Sum> IntegerSums(bool has_beyond) {
    std::vector<Sum> sums(20);
    const int64_t limit = random_() % 2 == 0 ? 1000 : 2 * kExact;
    for (Sum& sum : sums) {
      sum.count = random_() % 4 == 0 ? 0 : random_() % 1000;
      sum.sum = sum.count == 0 ? 0 : Integer(limit, has_beyond);
    }
    return sums;
  }
  template <typename Sum>
  std::vector<Sum> FloatSums() {
    std::vector<Sum> sums(20);
    for (Sum& sum : sums) {
      sum.count = random_() % 4 == 0 ? 0 : random_() % 1000;
      if (sum.count != 0) sum.sum = static_cast<double>(Integer(1000, false)) / 7;
    }
    return sums;
  }

  std::mt19937_64 random_{GetParam()};
  MemoryBudget budget_{"test"};
};

const DataType kInt = DataType::Of(TypeKind::kInt64);
const DataType kFloat = DataType::Of(TypeKind::kFloat64);
const DataType kDuration = DataType::Of(TypeKind::kDuration);

TEST_P(SumColumnsTest, AColumnHasTheBitsOfItsCellsOneByOne_Rule2) {
  const SumFormat formats[] = {
      {"m", false, kInt, kInt},
      {"m", true, kInt, kFloat},
      {"m", false, kDuration, kDuration},
      {"m", true, kDuration, kDuration},
      {"m", true, DataType::Decimal(9, 2), kFloat},
      {"m", true, DataType::Decimal(18, 16), kFloat},
      {"m", true, DataType::Decimal(38, 30), kFloat},
      {"m", false, DataType::Decimal(9, 2), DataType::Decimal(18, 2)},
      {"m", false, DataType::Decimal(9, 2), DataType::Decimal(38, 2)},
  };
  for (const SumFormat& format : formats) {
    for (const bool has_beyond : {false, true}) {
      SCOPED_TRACE(absl::StrCat("seed ", GetParam(), ", ", TypeName(format.value_type), " to ",
                                TypeName(format.result_type), has_beyond ? ", beyond" : ""));
      ExpectTheSame(format, IntegerSums<ProvenSum>(has_beyond));
      ExpectTheSame(format, IntegerSums<WideSum<int64_t>>(has_beyond));
    }
  }
}

TEST_P(SumColumnsTest, FloatsHaveTheBitsOfTheirCellsOneByOne_Rule3) {
  for (const bool is_average : {false, true}) {
    const SumFormat format = {"m", is_average, kFloat, kFloat};
    ExpectTheSame(format, FloatSums<FiniteSum>());
    std::vector<FloatSum> sums = FloatSums<FloatSum>();
    ExpectTheSame(format, sums);
    sums[3] = {.sum = 1, .special = std::numeric_limits<double>::infinity(), .count = 2};
    ExpectTheSame(format, sums);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SumColumnsTest, testing::Range(0u, 20u));

TEST(SumColumnsErrorTest, ASumBeyondInt64IsAnErrorThatNamesItsMetric_Rule2) {
  MemoryBudget budget("test");
  const SumFormat format = {"lines", false, kInt, kInt};
  std::vector<WideSum<int64_t>> sums(3);
  sums[1].Add(std::numeric_limits<int64_t>::max());
  sums[1].Add(1);
  MetricValues values(format.result_type, budget);
  const std::vector<uint32_t> cells = {0, 1, 2};
  const absl::Status status = AppendSumColumn(format, sums.data(), cells, values);
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_NE(status.message().find("lines"), std::string::npos) << status;
}

TEST(SumColumnsErrorTest, AFloatSumThatIsNotFiniteIsAnError_Rule3) {
  MemoryBudget budget("test");
  const SumFormat format = {"x", true, kFloat, kFloat};
  const FloatSum sums[] = {{.sum = 1, .count = 1},
                           {.sum = std::numeric_limits<double>::infinity(), .count = 2}};
  MetricValues values(format.result_type, budget);
  const std::vector<uint32_t> cells = {0, 1};
  EXPECT_EQ(AppendSumColumn(format, &sums[0], cells, values).code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace sextant
