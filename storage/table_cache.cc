#include "storage/table_cache.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr size_t kNearestNames = 20;
// A client that asks again after this finds the rows of the load further on.
constexpr double kRetryAfterSeconds = 1.0;

absl::Status StillLoading(const DatasetStatus& status) {
  const bool loads = status.state == DatasetState::kLoading;
  std::string message =
      absl::StrCat("dataset '", status.dataset, "' has no published version yet: ");
  if (loads) {
    absl::StrAppend(&message, "loading, ", status.progress.rows, " rows so far");
    if (status.progress.expected_rows > 0) {
      absl::StrAppend(&message, " of about ", status.progress.expected_rows);
    }
  } else {
    absl::StrAppend(&message, "waiting for its first load");
    if (!status.last_error.empty()) absl::StrAppend(&message, "; the last one failed");
  }
  ErrorDetail detail;
  detail.reason = "DATASET_LOADING";
  detail.resource_type = "dataset";
  detail.resource_name = status.dataset;
  detail.retry_after_s = kRetryAfterSeconds;
  detail.metadata = {{"rows", absl::StrCat(status.progress.rows)},
                     {"expected_rows", absl::StrCat(status.progress.expected_rows)}};
  return WithDetail(absl::UnavailableError(message), detail);
}

}  // namespace

struct TableCache::Entry {
  DatasetStatus status;
  std::shared_ptr<const Table> table;  // null until the first publication
};

TableCache::TableCache(const StorageSpec& spec) {
  for (const DatasetSpec& dataset : spec.datasets) {
    auto entry = std::make_unique<Entry>();
    entry->status.dataset = dataset.name;
    entry->status.group = dataset.group.empty() ? dataset.name : dataset.group;
    entry->status.required = dataset.required;
    positions_.emplace(dataset.name, entries_.size());
    entries_.push_back(std::move(entry));
  }
}

TableCache::~TableCache() = default;

TableCache::Entry* TableCache::FindOrNull(std::string_view dataset) const {
  const auto found = positions_.find(ToAbsl(dataset));
  return found == positions_.end() ? nullptr : entries_[found->second].get();
}

absl::Status TableCache::NotDeclared(std::string_view dataset) const {
  std::vector<std::string> names;
  for (const auto& entry : entries_) names.push_back(entry->status.dataset);
  ErrorDetail detail;
  detail.resource_type = "dataset";
  detail.resource_name = std::string(dataset);
  detail.nearest = NearestNames(dataset, names, kNearestNames);
  return WithDetail(absl::NotFoundError(absl::StrCat(
                        "dataset '", ToAbsl(dataset), "' is not declared in the catalogue",
                        DidYouMean(dataset, names), "; allowed: ", ListedNames(names))),
                    detail);
}

TableCache::Entry& TableCache::Find(std::string_view dataset) const {
  Entry* const entry = FindOrNull(dataset);
  SEXTANT_CHECK(entry != nullptr) << "dataset '" << dataset << "' is not declared";
  return *entry;
}

absl::StatusOr<std::shared_ptr<const Table>> TableCache::PinLocked(std::string_view dataset) const {
  const Entry* const entry = FindOrNull(dataset);
  if (entry == nullptr) return NotDeclared(dataset);
  if (entry->table == nullptr) return StillLoading(entry->status);
  return entry->table;
}

absl::StatusOr<std::shared_ptr<const Table>> TableCache::Pin(std::string_view dataset) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return PinLocked(dataset);
}

absl::StatusOr<std::vector<std::shared_ptr<const Table>>> TableCache::Pin(
    const std::vector<std::string>& datasets) const {
  std::vector<std::shared_ptr<const Table>> pinned;
  pinned.reserve(datasets.size());
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& dataset : datasets) {
    absl::StatusOr<std::shared_ptr<const Table>> table = PinLocked(dataset);
    if (!table.ok()) return table.status();
    pinned.push_back(*std::move(table));
  }
  return pinned;
}

std::vector<absl::StatusOr<std::shared_ptr<const Table>>> TableCache::PinEach(
    const std::vector<std::string>& datasets) const {
  std::vector<absl::StatusOr<std::shared_ptr<const Table>>> pinned;
  pinned.reserve(datasets.size());
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& dataset : datasets) pinned.push_back(PinLocked(dataset));
  return pinned;
}

void TableCache::Publish(std::vector<std::shared_ptr<const Table>> tables, int64_t load_us,
                         int64_t wall_us) {
  // What is replaced is released outside the lock: freeing a version takes time.
  std::vector<std::shared_ptr<const Table>> replaced;
  replaced.reserve(tables.size());
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const std::shared_ptr<const Table>& table : tables) {
      Entry& entry = Find(table->identity().dataset);
      SEXTANT_CHECK(table->identity().version == entry.status.version + 1)
          << table->identity().dataset << " version " << table->identity().version;
      replaced.push_back(std::exchange(entry.table, table));
      DatasetStatus& status = entry.status;
      status.state = DatasetState::kReady;
      status.version = table->identity().version;
      status.rows = table->num_live_rows();
      status.bytes = table->reserved_bytes();
      status.as_of_us = table->identity().as_of_us;
      status.published_wall_us = wall_us;
      status.last_load_us = load_us;
      status.progress = LoadProgress();
      ++status.loads_ok;
      status.last_error.clear();
      status.last_error_wall_us = 0;
    }
  }
  if (on_publish_) on_publish_(tables);
}

uint64_t TableCache::NextVersion(std::string_view dataset) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Find(dataset).status.version + 1;
}

void TableCache::LoadStarted(std::string_view dataset, uint64_t expected_rows, int64_t wall_us) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = Find(dataset);
  entry.status.state = entry.table == nullptr ? DatasetState::kLoading : DatasetState::kRefreshing;
  entry.status.progress = {.expected_rows = expected_rows, .started_wall_us = wall_us};
}

void TableCache::LoadProgressed(std::string_view dataset, uint64_t rows, uint64_t wire_bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  LoadProgress& progress = Find(dataset).status.progress;
  progress.rows = rows;
  progress.wire_bytes = wire_bytes;
}

void TableCache::LoadFailed(std::string_view dataset, const absl::Status& why, int64_t wall_us) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = Find(dataset);
  entry.status.state = entry.table == nullptr ? DatasetState::kWaiting : DatasetState::kReady;
  entry.status.progress = LoadProgress();
  ++entry.status.loads_failed;
  entry.status.last_error = std::string(why.message());
  entry.status.last_error_wall_us = wall_us;
}

absl::StatusOr<DatasetStatus> TableCache::StatusOf(std::string_view dataset) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Entry* const entry = FindOrNull(dataset);
  if (entry == nullptr) return NotDeclared(dataset);
  return entry->status;
}

std::vector<DatasetStatus> TableCache::Statuses() const {
  std::vector<DatasetStatus> statuses;
  statuses.reserve(entries_.size());
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::unique_ptr<Entry>& entry : entries_) statuses.push_back(entry->status);
  return statuses;
}

bool TableCache::RequiredArePublished() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::all_of(entries_.begin(), entries_.end(), [](const std::unique_ptr<Entry>& entry) {
    return !entry->status.required || entry->table != nullptr;
  });
}

void TableCache::OnPublish(
    std::function<void(const std::vector<std::shared_ptr<const Table>>&)> callback) {
  on_publish_ = std::move(callback);
}

}  // namespace sextant
