// Random answers as Arrow and as columns of protobuf messages: no cell differs.

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/wire/result_encoder.h"
#include "tests/testing/arrow_cells.h"

namespace sextant {
namespace {

constexpr int64_t kHourUs = int64_t{3600} * 1000000;

const std::vector<DataType>& EveryType() {
  static const std::vector<DataType> types = {DataType::Of(TypeKind::kBool),
                                              DataType::Of(TypeKind::kInt16),
                                              DataType::Of(TypeKind::kInt64),
                                              DataType::Of(TypeKind::kFloat32),
                                              DataType::Of(TypeKind::kFloat64),
                                              DataType::Of(TypeKind::kDuration),
                                              DataType::Decimal(18, 6),
                                              DataType::Decimal(38, 10),
                                              DataType::Of(TypeKind::kText),
                                              DataType::Of(TypeKind::kEnum),
                                              DataType::Of(TypeKind::kUuid),
                                              DataType::Of(TypeKind::kJson),
                                              DataType::Of(TypeKind::kDate),
                                              DataType::Of(TypeKind::kTimestamp),
                                              DataType::Of(TypeKind::kInterval),
                                              DataType::Of(TypeKind::kBytes),
                                              DataType::ListOf(DataType::Of(TypeKind::kText)),
                                              DataType::ListOf(DataType::Of(TypeKind::kBool)),
                                              DataType::ListOf(DataType::Of(TypeKind::kTimestamp)),
                                              DataType::ListOf(DataType::Decimal(38, 3))};
  return types;
}

class Answer {
 public:
  explicit Answer(uint64_t seed) : random_(seed) {
    header.time_zone = seed % 2 == 0 ? "Europe/Berlin" : "America/St_Johns";
    for (const DataType& type : EveryType()) {
      header.columns.push_back({TypeName(type), type, "", ResultRole::kAxis});
    }
    header.columns.push_back({"interval", DataType::Of(TypeKind::kInt64), "", ResultRole::kSeries});
    header.columns.push_back({"start", DataType::Of(TypeKind::kTimestamp), "", ResultRole::kStart});
    AddSeries("all", 1);
    AddSeries("day", 24);
    AddSeries("week", 7);
  }

  ResultBatch Batch(size_t num_rows) {
    ResultBatch batch;
    batch.num_rows = static_cast<uint32_t>(num_rows);
    for (const DataType& type : EveryType()) batch.columns.push_back(Column(type, num_rows));
    std::vector<int64_t> series(num_rows);
    std::vector<int64_t> starts(num_rows);
    for (size_t row = 0; row < num_rows; ++row) {
      series[row] = Below(3);
      const auto& intervals = header.series[static_cast<size_t>(series[row])].intervals;
      starts[row] =
          intervals[static_cast<size_t>(Below(static_cast<int64_t>(intervals.size())))].start_us;
    }
    const std::vector<uint8_t> valid(num_rows, 1);
    batch.columns.push_back({header.columns.end()[-2].type, valid, std::move(series)});
    batch.columns.push_back({header.columns.end()[-1].type, valid, std::move(starts)});
    return batch;
  }

  int64_t Below(int64_t limit) {
    return std::uniform_int_distribution<int64_t>(0, limit - 1)(random_);
  }

  ResultHeader header;

 private:
  void AddSeries(const std::string& name, int count) {
    ResolvedSeries series{{CalendarUnit::kDay, 1}, name, {}};
    for (int i = 0; i < count; ++i) {
      series.intervals.push_back({i * 24 * kHourUs, (i + 1) * 24 * kHourUs, false});
    }
    header.series.push_back(std::move(series));
  }

  template <typename Make>
  void Fill(ResultValues& values, Make make) {
    std::vector<decltype(make())> made(values.valid.size());
    for (size_t row = 0; row < made.size(); ++row) {
      if (values.valid[row] != 0) made[row] = make();
    }
    values.values = std::move(made);
  }

  int64_t Integer(TypeKind kind) {
    if (kind == TypeKind::kBool) return Below(2);
    if (kind == TypeKind::kDate) return Below(100'000) - 50'000;
    if (kind == TypeKind::kTimestamp) return Below(4'000'000'000'000'000) - 1'000'000'000'000'000;
    return static_cast<int64_t>(random_());
  }

  ResultLists Lists(const DataType& element, const std::vector<uint8_t>& valid) {
    ResultLists lists;
    lists.offsets.push_back(0);
    for (const uint8_t is_valid : valid) {
      lists.offsets.push_back(lists.offsets.back() +
                              (is_valid != 0 ? static_cast<uint32_t>(Below(4)) : 0));
    }
    lists.elements = std::make_shared<ResultValues>(Column(element, lists.offsets.back()));
    return lists;
  }

  ResultValues Column(const DataType& type, size_t num_rows) {
    ResultValues values{type, std::vector<uint8_t>(num_rows), {}};
    const int64_t percent_null = 50 * Below(3);
    for (uint8_t& valid : values.valid) valid = Below(100) >= percent_null;
    switch (type.kind) {
      case TypeKind::kList:
        values.values = Lists(type.ElementType(), values.valid);
        break;
      case TypeKind::kFloat32:
      case TypeKind::kFloat64:
      case TypeKind::kDuration:
        Fill(values, [&] { return static_cast<double>(random_()) / 3; });
        break;
      case TypeKind::kText:
      case TypeKind::kEnum:
      case TypeKind::kJson:
      case TypeKind::kBytes:
        Fill(values, [&] {
          return std::string(static_cast<size_t>(Below(3)), static_cast<char>('a' + Below(26)));
        });
        break;
      case TypeKind::kUuid:
        Fill(values, [&] { return Wide{random_(), random_()}; });
        break;
      case TypeKind::kInterval:
        Fill(values, [&] {
          return WideOfInterval({static_cast<int32_t>(Below(99)), static_cast<int32_t>(Below(99)),
                                 Below(9) * kHourUs});
        });
        break;
      case TypeKind::kDecimal:
        if (type.precision > 18) {
          Fill(values, [&] { return WideOfInt128(static_cast<int128_t>(random_()) * -99); });
          break;
        }
        [[fallthrough]];
      default:
        Fill(values, [&] { return Integer(type.kind); });
    }
    return values;
  }

  std::mt19937_64 random_;
};

/// The text of a value that is no series and no start.
std::string ValueText(const v1::ColumnData& data, int row) {
  const auto bit = static_cast<size_t>(row);
  if (!data.validity().empty() &&
      (static_cast<unsigned char>(data.validity()[bit / 8]) >> (bit % 8) & 1) == 0) {
    return "NULL";
  }
  if (data.has_ints()) return absl::StrCat(data.ints().values(row));
  if (data.has_floats()) return FloatBits(data.floats().values(row));
  if (data.has_bools()) return data.bools().values(row) ? "true" : "false";
  if (data.has_texts()) return data.texts().values(static_cast<int>(data.texts().codes(row)));
  const v1::ListColumn& lists = data.lists();
  std::vector<std::string> elements;
  for (uint32_t i = lists.offsets(row); i < lists.offsets(row + 1); ++i) {
    elements.push_back(ValueText(lists.elements(), static_cast<int>(i)));
  }
  return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
}

std::string TextAt(const v1::Header& header, const v1::Batch& batch, int column, int row) {
  const v1::ColumnData& data = batch.columns(column);
  const v1::ColumnRole role = header.columns(column).role();
  if (role == v1::COLUMN_ROLE_SERIES) {
    return header.series(static_cast<int>(data.ints().values(row))).interval();
  }
  if (role == v1::COLUMN_ROLE_START) {
    const auto series = static_cast<int>(batch.columns(column - 1).ints().values(row));
    return header.series(series).borders(static_cast<int>(data.ints().values(row)));
  }
  return ValueText(data, row);
}

v1::QueryMetricsResponse ParseFrame(const std::string& bytes) {
  v1::QueryMetricsResponse frame;
  EXPECT_TRUE(frame.ParseFromString(bytes));
  return frame;
}

void ExpectNoDifference(Answer& answer, const std::vector<size_t>& batch_sizes) {
  ResultEncoder columns(answer.header, v1::RESULT_FORMAT_COLUMNS);
  ResultEncoder arrow(answer.header, v1::RESULT_FORMAT_ARROW_IPC);
  const v1::Header header = ParseFrame(columns.EncodeHeader()).header();
  ArrowCells cells(ParseFrame(arrow.EncodeHeader()).header().arrow_schema());
  std::vector<std::string> wanted;
  for (const size_t num_rows : batch_sizes) {
    const ResultBatch batch = answer.Batch(num_rows);
    for (const std::string& bytes : arrow.EncodeBatch(batch)) cells.Add(ParseFrame(bytes).arrow());
    const v1::Batch protobuf = ParseFrame(columns.EncodeBatch(batch)[0]).batch();
    for (int row = 0; row < static_cast<int>(num_rows); ++row) {
      std::string& text = wanted.emplace_back();
      for (int column = 0; column < header.columns_size(); ++column) {
        absl::StrAppend(&text, column == 0 ? "" : "|", TextAt(header, protobuf, column, row));
      }
    }
  }
  EXPECT_EQ(cells.rows(), wanted);
  EXPECT_EQ(cells.rows_per_batch(), batch_sizes);
}

TEST(ArrowDifferentialTest, NoCellDiffersFromTheColumnsOfTheProtobufMessages) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Answer answer(seed);
    std::vector<size_t> batch_sizes;
    for (int64_t i = answer.Below(4); i >= 0; --i) {
      batch_sizes.push_back(static_cast<size_t>(1 + answer.Below(70)));
    }
    ExpectNoDifference(answer, batch_sizes);
  }
}

TEST(ArrowDifferentialTest, NoCellOfABatchLargerThanAChunkDiffers) {
  Answer answer(65'537);
  ExpectNoDifference(answer, {65'537});
}

}  // namespace
}  // namespace sextant
