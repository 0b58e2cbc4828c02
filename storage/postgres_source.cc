#include "storage/postgres_source.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "storage/postgres/load_transaction.h"
#include "storage/postgres/postgres_row_source.h"
#include "storage/postgres/pqxx_status.h"
#include "storage/postgres/source_plan.h"
#include "storage/schema_drift.h"
#include "storage/table_loader.h"

namespace sextant {
namespace {

absl::Status InDataset(const DatasetSpec& spec, const absl::Status& status) {
  const std::string prefix = absl::StrCat("dataset '", spec.name, "': ");
  const bool is_named = status.message().substr(0, prefix.size()) == prefix;
  return is_named ? status : PrefixStatus(prefix, status);
}

// A dataset as it is read within one snapshot.
struct PlannedDataset {
  const DatasetSpec* spec = nullptr;
  SourcePlan plan;
  std::shared_ptr<const ColumnDeriver> deriver;
};

struct PostgresSnapshot final : GroupSnapshot {  // not row-proportional: values per dataset
  std::span<const DatasetEstimate> estimates() const override { return sizes; }

  SourceSnapshot snapshot;
  std::vector<SourceRelation> relations;
  std::vector<PlannedDataset> datasets;
  std::vector<DatasetEstimate> sizes;
};

void AddRelations(const std::vector<SourceRelation>& more, std::vector<SourceRelation>& all) {
  for (const SourceRelation& relation : more) {
    const bool is_known = std::any_of(all.begin(), all.end(), [&](const SourceRelation& known) {
      return known.oid == relation.oid;
    });
    if (!is_known) all.push_back(relation);
  }
}

class PostgresConnection final : public SourceConnection {
 public:
  PostgresConnection(std::unique_ptr<PostgresSession> session, const LoadEnvironment& environment)
      : session_(std::move(session)), environment_(environment) {}

  absl::StatusOr<std::shared_ptr<const GroupSnapshot>> Lead(const GroupDatasets& datasets,
                                                            int64_t deadline_us,
                                                            std::stop_token stop) override;
  absl::Status Follow(std::shared_ptr<const GroupSnapshot> snapshot, std::stop_token stop) override;
  absl::StatusOr<LoadedTable> Load(size_t dataset, LoadPurpose purpose,
                                   std::stop_token stop) override;
  absl::Status Query(const std::string& sql, TakeRow take, std::stop_token stop) override;
  void End() override;

 private:
  absl::StatusOr<PlannedDataset> PlanDataset(const DatasetSpec& spec, const SourceOrigin& origin,
                                             const std::stop_token& stop);
  /// Until the deadline of the snapshot; at most the limit of the session.
  absl::Duration TimeLeft() const;
  absl::Status LimitStatements(const std::stop_token& stop);

  const std::unique_ptr<PostgresSession> session_;
  const LoadEnvironment& environment_;
  std::shared_ptr<const PostgresSnapshot> snapshot_;
  std::optional<LoadTransaction> transaction_;
  int64_t deadline_us_ = kNoLoadDeadline;
};

absl::StatusOr<std::shared_ptr<const GroupSnapshot>> PostgresConnection::Lead(
    const GroupDatasets& datasets, int64_t deadline_us, std::stop_token stop) {
  deadline_us_ = deadline_us;
  auto snapshot = std::make_shared<PostgresSnapshot>();
  std::vector<SourceOrigin> origins;
  for (const DatasetSpec* const spec : datasets) {
    SEXTANT_ASSIGN_OR_RETURN(SourceTarget target, ResolveTarget(*session_, *spec, stop));
    AddRelations(target.relations, snapshot->relations);
    origins.push_back(std::move(target.origin));
  }
  SEXTANT_ASSIGN_OR_RETURN(LoadTransaction transaction,
                           LoadTransaction::Lead(*session_, snapshot->relations, stop));
  snapshot->snapshot = transaction.snapshot();
  transaction_ = std::move(transaction);
  SEXTANT_RETURN_IF_ERROR(LimitStatements(stop));
  for (size_t i = 0; i < datasets.size(); ++i) {
    absl::StatusOr<PlannedDataset> planned = PlanDataset(*datasets[i], origins[i], stop);
    if (!planned.ok()) return InDataset(*datasets[i], planned.status());
    const auto rows = static_cast<uint64_t>(std::max<int64_t>(planned->plan.estimate.rows, 0));
    const auto row_bytes =
        static_cast<uint64_t>(std::max<int64_t>(planned->plan.estimate.row_bytes, 0));
    snapshot->sizes.push_back({.rows = rows, .bytes = rows * row_bytes});
    snapshot->datasets.push_back(*std::move(planned));
  }
  snapshot_ = snapshot;
  return snapshot_;
}

absl::StatusOr<PlannedDataset> PostgresConnection::PlanDataset(const DatasetSpec& spec,
                                                               const SourceOrigin& origin,
                                                               const std::stop_token& stop) {
  PlannedDataset planned{.spec = &spec, .plan = {}, .deriver = nullptr};
  SEXTANT_ASSIGN_OR_RETURN(planned.plan, PlanSource(*session_, spec, origin, stop));
  const absl::StatusOr<std::shared_ptr<const Table>> published = environment_.cache.Pin(spec.name);
  if (published.ok()) {
    const std::vector<Field> fields = SourceFields(spec, (*published)->schema());
    SEXTANT_RETURN_IF_ERROR(CheckDrift(fields, planned.plan.schema));
    if (fields.size() != planned.plan.schema.num_fields()) {
      DatasetSpec as_published = spec;
      for (const Field& field : fields) as_published.include.push_back(field.name);
      SEXTANT_ASSIGN_OR_RETURN(planned.plan, PlanSource(*session_, as_published, origin, stop));
    }
  }
  if (environment_.make_deriver) {
    SEXTANT_ASSIGN_OR_RETURN(planned.deriver, environment_.make_deriver(spec, planned.plan.schema));
  }
  return planned;
}

absl::Status PostgresConnection::Follow(std::shared_ptr<const GroupSnapshot> snapshot,
                                        std::stop_token stop) {
  snapshot_ = std::static_pointer_cast<const PostgresSnapshot>(std::move(snapshot));
  SEXTANT_ASSIGN_OR_RETURN(LoadTransaction transaction,
                           LoadTransaction::Follow(*session_, snapshot_->snapshot,
                                                   snapshot_->relations, std::move(stop)));
  transaction_ = std::move(transaction);
  return absl::OkStatus();
}

absl::Duration PostgresConnection::TimeLeft() const {
  const absl::Duration most = session_->options().statement_timeout;
  if (deadline_us_ == kNoLoadDeadline) return most;
  const int64_t left_us = deadline_us_ - environment_.clock.MonotonicUs();
  return std::min(most, absl::Microseconds(std::max<int64_t>(left_us, 0)));
}

absl::Status PostgresConnection::LimitStatements(const std::stop_token& stop) {
  if (deadline_us_ == kNoLoadDeadline) return absl::OkStatus();
  return transaction_->LimitStatements(TimeLeft(), stop);
}

absl::Status PostgresConnection::Query(const std::string& sql, TakeRow take, std::stop_token stop) {
  SEXTANT_CHECK(transaction_.has_value());
  SEXTANT_RETURN_IF_ERROR(LimitStatements(stop));
  // The server's own limit comes first: it leaves the connection as it is.
  return session_->StreamRows(TimeLeft() + session_->options().drain_timeout, "equivalent SQL", sql,
                              take, std::move(stop));
}

absl::StatusOr<LoadedTable> PostgresConnection::Load(size_t dataset, LoadPurpose purpose,
                                                     std::stop_token stop) {
  SEXTANT_CHECK(transaction_.has_value());
  SEXTANT_RETURN_IF_ERROR(LimitStatements(stop));
  const bool is_published = purpose == LoadPurpose::kPublish;
  const PlannedDataset& planned = snapshot_->datasets[dataset];
  const std::string& name = planned.spec->name;
  TableCache& cache = environment_.cache;
  if (is_published) {
    cache.LoadStarted(name, snapshot_->sizes[dataset].rows, environment_.clock.WallUs());
  }
  PostgresRowSource rows(*session_, name, planned.plan);
  absl::StatusOr<TableLoadResult> loaded = LoadTable(
      rows,
      {.identity = {.dataset = name,
                    .version = is_published ? cache.NextVersion(name) : 0,
                    .as_of_us = absl::ToUnixMicros(snapshot_->snapshot.as_of)},
       .deriver = planned.deriver,
       .chunk_rows = environment_.options.chunk_rows},
      environment_.budget,
      [&](const ReadStatistics& read) {
        if (is_published) cache.LoadProgressed(name, read.rows, read.wire_bytes);
      },
      std::move(stop));
  if (!loaded.ok()) return InDataset(*planned.spec, loaded.status());
  const ReadStatistics& read = loaded->statistics;
  return LoadedTable{.table = std::move(loaded->table),
                     .server_us = read.waiting_us + read.decoding_us};
}

void PostgresConnection::End() {
  if (transaction_.has_value()) transaction_->End();
  transaction_.reset();
  snapshot_.reset();
  deadline_us_ = kNoLoadDeadline;
}

}  // namespace

SessionOptions SessionOptionsOf(const SourceSpec& source, const RefresherOptions& options) {
  SessionOptions session;
  session.source_name = source.name;
  session.conninfo = source.conninfo;
  session.statement_timeout = absl::Microseconds(options.statement_timeout_us);
  session.lock_timeout = absl::Microseconds(options.lock_timeout_us);
  session.progress_timeout = absl::Microseconds(options.progress_timeout_us);
  return session;
}

ConnectionFactory ConnectToPostgres(const SourceSpec& source, const LoadEnvironment& environment) {
  return [options = SessionOptionsOf(source, environment.options),
          &environment](std::stop_token stop) -> absl::StatusOr<std::unique_ptr<SourceConnection>> {
    SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<PostgresSession> session,
                             PostgresSession::Open(options, std::move(stop)));
    return std::make_unique<PostgresConnection>(std::move(session), environment);
  };
}

}  // namespace sextant
