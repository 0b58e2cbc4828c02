#include "compute/exec/expression_column_deriver.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/column_builder.h"
#include "compute/column/table.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/morsel.h"
#include "compute/operators/value_reader.h"

namespace sextant {
namespace {

/// A chunk of a load as a table of its own, which expressions are compiled against: the layout of
/// texts and the dictionaries are known by the chunk only.
Table TableOfChunk(const DerivedColumns::Sources& sources, MemoryBudget& budget) {
  const uint32_t num_rows = sources.columns.empty() ? 0 : sources.columns[0]->num_rows();
  std::vector<Field> fields;
  std::vector<ColumnFacts> facts;
  for (size_t i = 0; i < sources.columns.size(); ++i) {
    const Column& column = *sources.columns[i];
    const bool is_list = column.layout() == Layout::kList;
    const ZoneMap& zone = is_list ? column.elements().zone_map() : column.zone_map();
    fields.push_back({.name = std::to_string(i), .type = column.type()});
    facts.push_back({.layout = column.layout(),
                     .dictionary = sources.dictionaries[i],
                     .has_bounds = zone.has_bounds,
                     .min_integer = zone.min_integer,
                     .max_integer = zone.max_integer});
    if (facts.back().dictionary != nullptr) {
      facts.back().dictionary_size = facts.back().dictionary->size();
    }
  }
  auto data = std::make_shared<const ChunkData>(
      num_rows, std::vector(sources.columns.begin(), sources.columns.end()));
  return Table({}, std::make_shared<const Schema>(std::move(fields)),
               {std::make_shared<const Chunk>(std::move(data))}, std::move(facts),
               std::make_shared<const TenantIndex>(budget));
}

/// Reads a value batch by batch and appends it to the builder of its type.
class ValueAppender {
 public:
  ValueAppender(const ValueReader& reader, const Table& table, ColumnBuilder& builder)
      : reader_(reader), table_(table), builder_(builder) {}

  absl::Status Append() const {
    if (table_.num_chunks() == 0) return absl::OkStatus();
    std::array<uint32_t, kBatchRows> rows;
    const uint32_t num_rows = table_.chunk(0).num_rows();
    for (uint32_t begin = 0; begin < num_rows; begin += kBatchRows) {
      const uint32_t count = std::min(kBatchRows, num_rows - begin);
      std::iota(rows.begin(), rows.begin() + count, begin);
      SEXTANT_RETURN_IF_ERROR(AppendBatch({rows.data(), count}));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status AppendBatch(std::span<const uint32_t> rows) const {
    const TextScope scope;
    const Lease<ValueVector> vector;
    const Chunk& chunk = table_.chunk(0);
    uint8_t* const valid = vector->valid;
    switch (reader_.form()) {
      case ValueReader::Form::kInteger:
        reader_.ReadIntegers(chunk, rows, vector->As<int64_t>(), valid);
        return AppendTo<IntegerColumnBuilder, int64_t>(*vector, rows.size());
      case ValueReader::Form::kFloat:
        reader_.ReadFloats(chunk, rows, vector->As<double>(), valid);
        return AppendTo<FloatColumnBuilder, double>(*vector, rows.size());
      case ValueReader::Form::kWide:
        reader_.ReadWides(chunk, rows, vector->As<Wide>(), valid);
        return AppendTo<WideColumnBuilder, Wide>(*vector, rows.size());
      case ValueReader::Form::kCode: {
        std::array<uint32_t, kBatchRows> codes;
        reader_.ReadCodes(chunk, rows, codes.data(), valid);
        const Dictionary& labels = *table_.facts(reader_.column()).dictionary;
        for (size_t k = 0; k < rows.size(); ++k) {
          vector->As<std::string_view>()[k] =
              valid[k] != 0 ? labels.Entry(codes[k]) : std::string_view();
        }
        return AppendTo<StringColumnBuilder, std::string_view>(*vector, rows.size());
      }
      default:
        reader_.ReadTexts(chunk, rows, vector->As<std::string_view>(), valid);
        return AppendTo<StringColumnBuilder, std::string_view>(*vector, rows.size());
    }
  }

  template <typename Builder, typename T>
  absl::Status AppendTo(const ValueVector& values, size_t count) const {
    std::array<uint64_t, BitmapWords(kBatchRows)> words{};
    for (size_t k = 0; k < count; ++k) words[k / 64] |= uint64_t{values.valid[k]} << (k % 64);
    return static_cast<Builder&>(builder_).Append({values.As<T>(), count}, words);
  }

  const ValueReader& reader_;
  const Table& table_;
  ColumnBuilder& builder_;
};

class ExpressionColumns final : public DerivedColumns {
 public:
  ExpressionColumns(const std::vector<BoundDerivedColumn>& columns, MemoryBudget& budget)
      : columns_(columns),
        budget_(budget),
        builders_(columns.size()),
        dictionaries_(columns.size()) {}

  absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
      const Sources& sources) override {
    const Table table = TableOfChunk(sources, budget_);
    std::vector<std::shared_ptr<const Column>> derived;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const BoundValue& value = columns_[i].value;
      if (value.IsColumn()) {
        derived.push_back(sources.columns[value.column]);
        dictionaries_[i] = sources.dictionaries[value.column];
        continue;
      }
      SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<const Column> column, Compute(i, table));
      derived.push_back(std::move(column));
    }
    return derived;
  }

  absl::StatusOr<std::shared_ptr<const Column>> Recode(size_t index,
                                                       const Column& derived) override {
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builders_[index]->Recode(derived));
    parts->Settle();
    return std::make_shared<const Column>(std::move(*parts));
  }

  std::shared_ptr<const Dictionary> dictionary(size_t index) const override {
    return dictionaries_[index];
  }

 private:
  absl::StatusOr<std::shared_ptr<const Column>> Compute(size_t index, const Table& table) {
    std::unique_ptr<ColumnBuilder>& builder = builders_[index];
    if (builder == nullptr) {
      SEXTANT_ASSIGN_OR_RETURN(builder, MakeColumnBuilder(columns_[index].field, budget_));
    }
    SEXTANT_ASSIGN_OR_RETURN(const ValueReader reader,
                             ValueReader::Create(columns_[index].value, table, budget_));
    SEXTANT_RETURN_IF_ERROR(ValueAppender(reader, table, *builder).Append());
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ColumnParts> parts, builder->Seal());
    dictionaries_[index] = builder->dictionary();
    parts->Settle();
    return std::make_shared<const Column>(std::move(*parts));
  }

  const std::vector<BoundDerivedColumn>& columns_;
  MemoryBudget& budget_;
  std::vector<std::unique_ptr<ColumnBuilder>> builders_;  // null for other names of columns
  std::vector<std::shared_ptr<const Dictionary>> dictionaries_;
};

}  // namespace

ExpressionColumnDeriver::ExpressionColumnDeriver(std::vector<BoundDerivedColumn> columns)
    : columns_(std::move(columns)) {
  for (const BoundDerivedColumn& column : columns_) fields_.push_back(column.field);
}

std::unique_ptr<DerivedColumns> ExpressionColumnDeriver::StartLoad(MemoryBudget& budget) const {
  return std::make_unique<ExpressionColumns>(columns_, budget);
}

}  // namespace sextant
