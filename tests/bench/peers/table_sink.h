#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table_builder.h"
#include "tests/bench/peers/datasets.h"

namespace sextant::peers {

/// Puts rows into a table of the product, a batch at a time, through the builders that a load uses.
class TableSink final : public RowSink {
 public:
  static absl::StatusOr<std::unique_ptr<TableSink>> Create(const Schema& schema,
                                                           MemoryBudget& budget);

  void Null() override;
  void Bool(bool value) override { Integer(value ? 1 : 0); }
  void Integer(int64_t value) override;
  void Float(double value) override;
  void Text(std::string_view value) override;
  void Timestamp(int64_t seconds) override;
  void List(std::span<const std::string> elements) override;
  absl::Status EndRow() override;
  absl::Status EndRows() override { return Flush(); }

  /// The sink is spent afterwards.
  absl::StatusOr<std::shared_ptr<const Table>> Finish(std::string dataset);

 private:
  /// The values of a column since the last Flush.
  struct PendingColumn {
    DataType type;
    std::vector<uint64_t> valid;
    std::vector<int64_t> integers;
    std::vector<double> floats;
    std::vector<std::string> texts;  // of lists: of all elements
    std::vector<uint32_t> lengths;   // of lists
  };

  TableSink(const std::vector<Field>& fields, std::unique_ptr<TableBuilder> builder);
  PendingColumn& Next(bool is_valid);
  absl::Status Flush();

  std::unique_ptr<TableBuilder> builder_;
  std::vector<PendingColumn> pending_;
  size_t at_column_ = 0;
  uint32_t num_rows_ = 0;
};

/// `num_rows` rows of `dataset` as a table (0: as many as it has). Errors: RESOURCE_EXHAUSTED from
/// `budget`.
absl::StatusOr<std::shared_ptr<const Table>> MakeTable(const Dataset& dataset, uint64_t num_rows,
                                                       MemoryBudget& budget);

}  // namespace sextant::peers
