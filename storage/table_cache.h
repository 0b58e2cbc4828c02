#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "storage/dataset_spec.h"
#include "storage/dataset_status.h"

namespace sextant {

/// The published version of every dataset, and what is known about its loads.
///
/// Pin gives the published version; holding the pointer keeps it. Publish swaps the versions of a
/// group at once: a Pin of several datasets sees all of them before or all after. A failed load
/// changes nothing that was published. Uses std::mutex. Thread-safety: all methods may be called
/// from any thread.
class TableCache {  // not row-proportional: values per dataset
 public:
  explicit TableCache(const StorageSpec& spec);
  ~TableCache();
  TableCache(const TableCache&) = delete;
  TableCache& operator=(const TableCache&) = delete;

  /// Errors: NOT_FOUND (ResourceInfo, nearest names) for a dataset that is not declared;
  /// UNAVAILABLE with ErrorDetail{reason DATASET_LOADING, retry_after_s, metadata rows,
  /// expected_rows} while nothing is published.
  absl::StatusOr<std::shared_ptr<const Table>> Pin(std::string_view dataset) const;
  /// All from the same state of the cache.
  absl::StatusOr<std::vector<std::shared_ptr<const Table>>> Pin(
      const std::vector<std::string>& datasets) const;

  /// The same of each on its own: what is wrong with one is in its place.
  std::vector<absl::StatusOr<std::shared_ptr<const Table>>> PinEach(
      const std::vector<std::string>& datasets) const;

  /// REQUIRES: one table per dataset, of declared datasets.
  void Publish(std::vector<std::shared_ptr<const Table>> tables, int64_t load_us, int64_t wall_us);
  /// The version that the next publication of `dataset` gets.
  uint64_t NextVersion(std::string_view dataset) const;

  // Reported by the loader.
  void LoadStarted(std::string_view dataset, uint64_t expected_rows, int64_t wall_us);
  void LoadProgressed(std::string_view dataset, uint64_t rows, uint64_t wire_bytes);
  void LoadFailed(std::string_view dataset, const absl::Status& why, int64_t wall_us);

  absl::StatusOr<DatasetStatus> StatusOf(std::string_view dataset) const;
  std::vector<DatasetStatus> Statuses() const;  // in the catalogue's order
  /// Every required dataset is published.
  bool RequiredArePublished() const;

  /// Called after each publication, outside the lock, on the publishing thread. Set before the
  /// first load.
  void OnPublish(std::function<void(const std::vector<std::shared_ptr<const Table>>&)> callback);

 private:
  struct Entry;

  /// Null when `dataset` is not declared.
  Entry* FindOrNull(std::string_view dataset) const;
  /// REQUIRES: declared.
  Entry& Find(std::string_view dataset) const;
  absl::Status NotDeclared(std::string_view dataset) const;
  absl::StatusOr<std::shared_ptr<const Table>> PinLocked(std::string_view dataset) const;

  mutable std::mutex mutex_;
  // The list is fixed, what an entry holds is guarded by
  // mutex_.
  std::vector<std::unique_ptr<Entry>> entries_;
  absl::flat_hash_map<std::string, size_t> positions_;  // fixed
  std::function<void(const std::vector<std::shared_ptr<const Table>>&)> on_publish_;
};

}  // namespace sextant
