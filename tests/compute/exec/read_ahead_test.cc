#include "compute/exec/read_ahead.h"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/memory_budget.h"
#include "tests/testing/run_query.h"

namespace sextant {
namespace {

constexpr uint32_t kNumRows = 200'000;
constexpr size_t kBatchBytes = 64 << 10;

class ReadAheadTest : public ::testing::Test {
 protected:
  ReadAheadTest() : budget_("queries") {}

  std::shared_ptr<QueryContext> NewContext(size_t limit_bytes = MemoryBudget::kUnlimitedBytes) {
    return std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                          Priority::kInteractive, &budget_, limit_bytes);
  }

  /// A text of another one in each row, in no order, and its number.
  std::unique_ptr<FinishedResult> ResultOf(const std::shared_ptr<QueryContext>& context,
                                           uint32_t num_rows = kNumRows) {
    const DataType text = DataType::Of(TypeKind::kText);
    const DataType integer = DataType::Of(TypeKind::kInt64);
    auto rows = std::make_shared<FinishedRows>(context->budget());
    rows->header.columns = {{"name", text, "", ResultRole::kAxis},
                            {"n", integer, "", ResultRole::kMetric}};
    AxisColumn& axis = rows->axes.emplace_back(text, context->budget());
    MetricValues& numbers = rows->values.emplace_back(integer, context->budget());
    for (uint32_t row = 0; row < num_rows; ++row) {
      EXPECT_TRUE(axis.values.AppendText(absl::StrCat("name ", row)).ok());
      EXPECT_TRUE(axis.ranks.Append((row * 7919u) % num_rows).ok());
      EXPECT_TRUE(numbers.AppendInteger(row).ok());
    }
    EXPECT_TRUE(rows->intervals.Resize(num_rows).ok());
    rows->metrics = {0};
    rows->grouping_begins = {0};
    rows->groupings = {0};
    rows->is_in_order = true;
    auto result = *FinishedResult::Create(*context, std::move(rows));
    result->KeepAlive(context);
    return result;
  }

  MemoryBudget budget_;
};

TEST_F(ReadAheadTest, RowsAreThoseOfTheResultInItsOrder) {
  WorkerPool pool(4);
  const auto expected = ReadAll(*ResultOf(NewContext()), kBatchBytes);
  const auto cursor = ReadAhead(ResultOf(NewContext()), pool);
  const auto read = ReadAll(*cursor, kBatchBytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->rows, expected->rows);
  EXPECT_EQ(read->header.columns.size(), 2u);
  EXPECT_EQ(*cursor->Next(kBatchBytes), std::nullopt);
}

TEST_F(ReadAheadTest, BatchesThatAreGivenBackAreWrittenOver) {
  WorkerPool pool(4);
  const auto expected = ReadAll(*ResultOf(NewContext()), kBatchBytes);
  const auto ahead = ReadAhead(ResultOf(NewContext()), pool);
  const auto plain = ResultOf(NewContext());
  for (ResultCursor* const cursor : {ahead.get(), static_cast<ResultCursor*>(plain.get())}) {
    size_t row = 0;
    for (size_t bytes = kBatchBytes;;
         bytes = bytes == kBatchBytes ? kBatchBytes / 2 : kBatchBytes) {
      std::optional<ResultBatch> batch = *cursor->Next(bytes);
      if (!batch) break;
      for (uint32_t i = 0; i < batch->num_rows; ++i, ++row) {
        ASSERT_EQ(
            absl::StrCat(ValueText(batch->columns[0], i), "|", ValueText(batch->columns[1], i)),
            expected->rows[row]);
      }
      cursor->GiveBack(*std::move(batch));
    }
    EXPECT_EQ(row, kNumRows);
  }
}

TEST_F(ReadAheadTest, AReaderOnAWorkerGetsThemWhileOthersAreBusy) {
  WorkerPool pool(2);
  std::vector<std::string> rows;
  {
    WorkerPool readers(2);
    for (int i = 0; i < 2; ++i) {
      readers.Submit(Priority::kInteractive, [&, i] {
        const auto read = ReadAll(*ReadAhead(ResultOf(NewContext()), pool), kBatchBytes);
        if (i == 0) rows = read->rows;
      });
    }
  }
  EXPECT_EQ(rows, ReadAll(*ResultOf(NewContext()), kBatchBytes)->rows);
}

TEST_F(ReadAheadTest, AReaderThatEndsEarlyLeavesNothingBehind) {
  {
    WorkerPool pool(4);  // whose end waits for helpers: the reader's does not
    for (size_t num_batches = 0; num_batches < 60; ++num_batches) {
      const auto cursor = ReadAhead(ResultOf(NewContext()), pool);
      for (size_t i = 0; i < num_batches % 6; ++i) ASSERT_TRUE(cursor->Next(kBatchBytes).ok());
    }
  }
  EXPECT_EQ(budget_.reserved_bytes(), 0u);
}

TEST_F(ReadAheadTest, AQueryThatIsCancelledEnds) {
  WorkerPool pool(2);
  const auto context = NewContext();
  const auto cursor = ReadAhead(ResultOf(context), pool);
  ASSERT_TRUE(cursor->Next(kBatchBytes).ok());
  ASSERT_TRUE(cursor->Next(kBatchBytes).ok());
  context->Cancel();
  EXPECT_EQ(cursor->Next(kBatchBytes).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ReadAheadTest, WithoutMemoryForHelpersTheReaderGoesOnAlone) {
  WorkerPool pool(2);
  constexpr size_t kLimitBytes = size_t{1} << 30;
  const auto context = NewContext(kLimitBytes);
  auto result = ResultOf(context);
  const auto expected = ReadAll(*ResultOf(NewContext()), kBatchBytes);
  MemoryReservation all_else(context->budget());
  ASSERT_TRUE(all_else.Resize(kLimitBytes - context->budget().reserved_bytes() - 1000).ok());
  const auto cursor = ReadAhead(std::move(result), pool);
  EXPECT_EQ(ReadAll(*cursor, kBatchBytes)->rows, expected->rows);
}

TEST_F(ReadAheadTest, FewRowsAreReadAsTheyAre) {
  WorkerPool pool(2);
  auto result = ResultOf(NewContext(), 100);
  const ResultCursor* const plain = result.get();
  EXPECT_EQ(ReadAhead(std::move(result), pool).get(), plain);
}

}  // namespace
}  // namespace sextant
