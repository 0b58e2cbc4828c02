#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "compute/exec/batch_columns.h"
#include "compute/exec/finished_rows.h"
#include "compute/exec/query_context.h"
#include "compute/exec/result.h"

namespace sextant {

/// A reader of a finished result. Keeps no table.
class FinishedResult final : public ResultCursor {
 public:
  /// Errors: RESOURCE_EXHAUSTED.
  static absl::StatusOr<std::unique_ptr<FinishedResult>> Create(QueryContext& context,
                                                                std::shared_ptr<FinishedRows> rows);
  /// Of rows that were kept from an equal query: the answer of a query over `identities`, which
  /// waited `queued_us` for it.
  static absl::StatusOr<std::unique_ptr<FinishedResult>> OfKept(
      std::shared_ptr<QueryContext> context, std::shared_ptr<const FinishedRows> rows,
      std::vector<TableIdentity> identities, int64_t queued_us);

  const ResultHeader& header() const override { return *header_; }
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t target_bytes) override;
  void GiveBack(ResultBatch batch) override { given_back_ = std::move(batch); }
  const ResultSummary& summary() const override { return summary_; }

  /// What Read works with: of one thread at a time.
  using Scratch = std::vector<BatchAxis::Scratch>;
  /// Errors: RESOURCE_EXHAUSTED.
  absl::StatusOr<Scratch> MakeScratch() const;
  /// That of Next, which is not called any more.
  Scratch TakeScratch() { return std::move(scratch_); }
  /// The rows that Next would return, which go by; none after the last.
  RowRun TakeRun(size_t target_bytes);
  /// Writes them over what is in `batch`, in its memory. Thread-safe, with a scratch of each
  /// thread.
  void Read(const RowRun& rows, Scratch& scratch, ResultBatch& batch) const;

  size_t num_rows() const { return rows_->num_rows(); }
  /// Of all rows, but texts and lists of several lengths.
  size_t num_fixed_bytes() const { return num_rows() * num_fixed_bytes_; }
  QueryContext& context() const { return context_; }
  /// REQUIRES: not of kept rows, and nobody else reads them yet.
  void SetSummary(const ResultSummary& summary);
  /// What a cache may keep. Null of kept rows.
  const std::shared_ptr<FinishedRows>& own_rows() const { return own_rows_; }
  /// What must live as long as this: the context.
  void KeepAlive(std::shared_ptr<void> owner) { keep_alive_ = std::move(owner); }

 private:
  FinishedResult(QueryContext& context, std::shared_ptr<const FinishedRows> rows);

  absl::Status Prepare();

  /// How many of the next rows are about `target_bytes`, and at least one.
  size_t CountRows(size_t target_bytes) const;
  /// The same where rows are read as they lie and no axis has texts of several lengths.
  size_t CountRowsInOrder(size_t target_bytes) const;
  /// Of the metrics of a row.
  size_t VariableBytes(uint32_t row) const;
  void ReadColumn(size_t column, const RowRun& rows, Scratch& scratch, ResultValues& into) const;
  void ReadInterval(const ResultColumn& column, const RowRun& rows, ResultValues& into) const;
  void ReadGrouping(const ResultColumn& column, const RowRun& rows, ResultValues& into) const;

  std::shared_ptr<void> keep_alive_;  // destroyed last
  QueryContext& context_;
  const std::shared_ptr<const FinishedRows> rows_;
  std::shared_ptr<FinishedRows> own_rows_;  // the same, of a query that was run
  const ResultHeader* header_;              // that of the rows, or own_header_
  std::optional<ResultHeader> own_header_;  // of kept rows
  std::vector<BatchAxis> axes_;
  Scratch scratch_;  // of Next
  ResultBatch given_back_;
  std::vector<const BatchAxis*> text_axes_;    // whose texts are of several lengths
  std::vector<const MetricValues*> variable_;  // metrics whose values are of any size
  // By interval, over all series.
  std::vector<int64_t> series_;
  std::vector<int64_t> starts_;
  size_t num_fixed_bytes_ = 0;  // of a row, without its texts
  size_t next_ = 0;
  ResultSummary summary_;
};

}  // namespace sextant
