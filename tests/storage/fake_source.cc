#include "tests/storage/fake_source.h"

#include <algorithm>
#include <utility>

#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr char kFollowGate[] = "(follow)";

}  // namespace

struct FakeSource::Snapshot final : GroupSnapshot {
  std::span<const DatasetEstimate> estimates() const override { return sizes; }
  GroupDatasets datasets;
  std::vector<DatasetEstimate> sizes;
};

class FakeSource::Connection final : public SourceConnection {
 public:
  explicit Connection(FakeSource& source) : source_(source) {}
  ~Connection() override {
    source_.Note("close");
    const std::lock_guard<std::mutex> lock(source_.mutex_);
    --source_.num_open_;
  }

  absl::StatusOr<std::shared_ptr<const GroupSnapshot>> Lead(const GroupDatasets& datasets,
                                                            int64_t deadline_us,
                                                            std::stop_token stop) override {
    source_.NoteDeadline(deadline_us);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->datasets = datasets;
    absl::Status status;
    {
      const std::lock_guard<std::mutex> lock(source_.mutex_);
      for (const DatasetSpec* const dataset : datasets) {
        snapshot->sizes.push_back({.bytes = source_.estimated_bytes_[dataset->name]});
      }
      status = source_.lead_status_;
    }
    status = source_.Pass("lead", "", status, stop);
    if (!status.ok()) return status;
    snapshot_ = snapshot;
    return snapshot_;
  }

  absl::Status Follow(std::shared_ptr<const GroupSnapshot> snapshot,
                      std::stop_token stop) override {
    snapshot_ = std::static_pointer_cast<const Snapshot>(std::move(snapshot));
    absl::Status status;
    {
      const std::lock_guard<std::mutex> lock(source_.mutex_);
      status = source_.follow_status_;
    }
    status = source_.Pass("follow", kFollowGate, status, stop);
    if (status.ok()) source_.Note("joined");
    return status;
  }

  absl::StatusOr<LoadedTable> Load(size_t dataset, LoadPurpose purpose,
                                   std::stop_token stop) override {
    const std::string& name = static_cast<const Snapshot&>(*snapshot_).datasets[dataset]->name;
    absl::Status status;
    int64_t server_us = 0;
    {
      const std::lock_guard<std::mutex> lock(source_.mutex_);
      status = source_.load_status_[name];
      server_us = source_.server_us_[name];
    }
    status = source_.Pass("load " + name, name, status, stop);
    if (!status.ok()) return status;
    const bool is_counted = purpose == LoadPurpose::kPublish && source_.next_version;
    const uint64_t version = is_counted ? source_.next_version(name) : 1;
    return LoadedTable{.table = TableOf({{"value", DataType::Of(TypeKind::kInt64), {Int(1)}}},
                                        {.dataset = name, .version = version}),
                       .server_us = server_us};
  }

  absl::Status Query(const std::string& sql, TakeRow take, std::stop_token stop) override {
    const absl::Status status = source_.Pass("query " + sql, sql, absl::OkStatus(), stop);
    return status.ok() ? take({sql}) : status;
  }

  void End() override {
    if (std::exchange(snapshot_, nullptr) != nullptr) source_.Note("end");
  }

 private:
  FakeSource& source_;
  std::shared_ptr<const GroupSnapshot> snapshot_;
};

ConnectionFactory FakeSource::Factory() {
  return [this](std::stop_token) -> absl::StatusOr<std::unique_ptr<SourceConnection>> {
    Note("connect");
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!connect_status_.ok()) return connect_status_;
    num_open_max_ = std::max(num_open_max_, ++num_open_);
    return std::make_unique<Connection>(*this);
  };
}

// Notes `line`, waits while `gate` is held, and gives `status`, or CANCELLED.
absl::Status FakeSource::Pass(const std::string& line, const std::string& gate,
                              const absl::Status& status, const std::stop_token& stop) {
  Note(line);
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, stop, [&] { return !held_.contains(gate); });
  return stop.stop_requested() ? absl::CancelledError("stopped") : status;
}

void FakeSource::NoteDeadline(int64_t deadline_us) {
  const std::lock_guard<std::mutex> lock(mutex_);
  deadline_us_ = deadline_us;
}

int64_t FakeSource::deadline_us() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return deadline_us_;
}

void FakeSource::Note(const std::string& line) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    journal_.push_back(line);
  }
  changed_.notify_all();
}

void FakeSource::SetConnectStatus(absl::Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  connect_status_ = std::move(status);
}

void FakeSource::SetLeadStatus(absl::Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  lead_status_ = std::move(status);
}

void FakeSource::SetFollowStatus(absl::Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  follow_status_ = std::move(status);
}

void FakeSource::SetLoadStatus(const std::string& dataset, absl::Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  load_status_[dataset] = std::move(status);
}

void FakeSource::SetEstimatedBytes(const std::string& dataset, uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  estimated_bytes_[dataset] = bytes;
}

void FakeSource::SetServerUs(const std::string& dataset, int64_t server_us) {
  const std::lock_guard<std::mutex> lock(mutex_);
  server_us_[dataset] = server_us;
}

void FakeSource::Hold(const std::string& dataset) {
  const std::lock_guard<std::mutex> lock(mutex_);
  held_.insert(dataset);
}

void FakeSource::Release(const std::string& dataset) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.erase(dataset);
  }
  changed_.notify_all();
}

void FakeSource::HoldFollow() { Hold(kFollowGate); }
void FakeSource::ReleaseFollow() { Release(kFollowGate); }

void FakeSource::Await(const std::string& line, int times) const {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return std::count(journal_.begin(), journal_.end(), line) >= times; });
}

std::vector<std::string> FakeSource::journal() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return journal_;
}

std::vector<std::string> FakeSource::journal(const std::string& prefix) const {
  std::vector<std::string> lines = journal();
  std::erase_if(lines, [&](const std::string& line) { return !line.starts_with(prefix); });
  return lines;
}

int FakeSource::num_open_max() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return num_open_max_;
}

}  // namespace sextant
