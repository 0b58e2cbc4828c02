#include "storage/postgres/postgres_row_source.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "storage/postgres/copy_decoder.h"
#include "storage/postgres/copy_stream.h"
#include "storage/postgres/pqxx_status.h"

namespace sextant {
namespace {

constexpr uint64_t kRowsPerReport = 8192;

ReadStatistics StatisticsOf(const CopyStatistics& copy) {
  return {.rows = static_cast<uint64_t>(copy.rows),
          .wire_bytes = static_cast<uint64_t>(copy.bytes),
          .waiting_us = absl::ToInt64Microseconds(copy.waiting),
          .decoding_us = absl::ToInt64Microseconds(copy.consuming)};
}

}  // namespace

PostgresRowSource::PostgresRowSource(PostgresSession& session, std::string dataset_name,
                                     SourcePlan plan)
    : session_(session), dataset_name_(std::move(dataset_name)), plan_(std::move(plan)) {}

uint64_t PostgresRowSource::expected_rows() const {
  return static_cast<uint64_t>(std::max<int64_t>(0, plan_.estimate.rows));
}

absl::StatusOr<ReadStatistics> PostgresRowSource::ReadAll(
    TableBuilder& builder, absl::FunctionRef<void(const ReadStatistics&)> on_progress,
    std::stop_token stop) {
  CopyDecoder decoder(plan_.columns);
  ReadStatistics progress;
  uint64_t next_report = kRowsPerReport;
  const auto decode = [&](const RawRowBatch& batch) -> absl::Status {
    absl::Status status = decoder.Decode(batch, builder);
    progress.rows += batch.rows.size();
    for (const std::string_view row : batch.rows) progress.wire_bytes += row.size();
    if (status.ok() && progress.rows >= next_report) {
      on_progress(progress);
      next_report = progress.rows + kRowsPerReport;
    }
    return status;
  };
  const auto copied = CopyRows(session_, plan_.select, decode, std::move(stop));
  if (!copied.ok()) return PrefixStatus("dataset '" + dataset_name_ + "': ", copied.status());
  return StatisticsOf(*copied);
}

}  // namespace sextant
