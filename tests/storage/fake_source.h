#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/source_connection.h"

namespace sextant {

/// A source whose connections do what a test says, for tests of the order of loads. Each table that
/// it gives has one row. Thread-safe.
class FakeSource {
 public:
  /// The version of the next table of a dataset; 1 when not set.
  std::function<uint64_t(const std::string& dataset)> next_version;

  ConnectionFactory Factory();

  /// What attempts give from now on; OK lets them succeed again.
  void SetConnectStatus(absl::Status status);
  void SetLeadStatus(absl::Status status);
  void SetFollowStatus(absl::Status status);
  void SetLoadStatus(const std::string& dataset, absl::Status status);
  void SetEstimatedBytes(const std::string& dataset, uint64_t bytes);
  /// What a load of the dataset reports as its duration.
  void SetServerUs(const std::string& dataset, int64_t server_us);

  /// Loads of `dataset` wait for Release, or for their stop token.
  void Hold(const std::string& dataset);
  void Release(const std::string& dataset);
  /// Followers wait before they have joined.
  void HoldFollow();
  void ReleaseFollow();

  /// Waits until a line of the journal is `line` for the `times`-th time.
  void Await(const std::string& line, int times = 1) const;
  /// "connect", "lead", "follow", "joined", "load NAME", "end", "close", in order.
  std::vector<std::string> journal() const;
  /// The lines of the journal that begin with `prefix`.
  std::vector<std::string> journal(const std::string& prefix) const;
  int num_open_max() const;
  /// Of the last snapshot.
  int64_t deadline_us() const;

 private:
  class Connection;
  struct Snapshot;

  absl::Status Pass(const std::string& line, const std::string& gate, const absl::Status& status,
                    const std::stop_token& stop);
  void Note(const std::string& line);
  void NoteDeadline(int64_t deadline_us);

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::set<std::string> held_;
  absl::Status connect_status_;
  absl::Status lead_status_;
  absl::Status follow_status_;
  std::map<std::string, absl::Status> load_status_;
  std::map<std::string, uint64_t> estimated_bytes_;
  std::map<std::string, int64_t> server_us_;
  std::vector<std::string> journal_;
  int num_open_ = 0;
  int num_open_max_ = 0;
  int64_t deadline_us_ = 0;
};

}  // namespace sextant
