#include "compute/exec/value_parts.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "compute/exec/query_parts.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Values of a part: some 100 us.
constexpr size_t kPartSize = size_t{1} << 13;

/// Values of parts that are finished in any order, appended to all others in theirs. What they lay
/// in goes to parts that come later, whose threads so find it in their caches, and no new pages.
class PartsInOrder {
 public:
  explicit PartsInOrder(MetricValues& all, MemoryBudget& budget) : all_(all), budget_(budget) {}

  /// Empty ones.
  MetricValues Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return MetricValues(all_.type, budget_);
    MetricValues values = std::move(idle_.back());
    idle_.pop_back();
    return values;
  }

  /// One thread at a time appends, and no other one waits for it.
  absl::Status Append(size_t part, MetricValues values) {
    std::unique_lock lock(mutex_);
    waiting_.emplace(part, std::move(values));
    if (is_appending_) return absl::OkStatus();
    is_appending_ = true;
    absl::Status status;
    while (status.ok() && !waiting_.empty() && waiting_.begin()->first == next_) {
      MetricValues first = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      lock.unlock();
      status = all_.AppendAll(first);
      first.Clear();
      lock.lock();
      idle_.push_back(std::move(first));
      ++next_;
    }
    is_appending_ = false;
    return status;
  }

 private:
  MetricValues& all_;  // of who appends
  MemoryBudget& budget_;
  std::mutex mutex_;
  // Guarded by the mutex.
  std::map<size_t, MetricValues> waiting_;
  std::vector<MetricValues> idle_;
  size_t next_ = 0;
  bool is_appending_ = false;
};

}  // namespace

absl::Status AppendInParts(
    QueryContext& context, size_t size, MetricValues& values,
    absl::FunctionRef<absl::Status(size_t begin, size_t end, MetricValues& own)> append) {
  if (size < kLeastSharedValues || !MayShareParts(context)) return append(0, size, values);
  const size_t first = values.size();
  const bool has_slots = values.has_slots();
  SEXTANT_RETURN_IF_ERROR(has_slots ? values.ResizeSlots(first + size) : values.Reserve(size));
  PartsInOrder parts(values, context.budget());
  return RunBlocks(context, size, kPartSize, [&](size_t begin, size_t end) -> absl::Status {
    MetricValues own = parts.Take();
    SEXTANT_RETURN_IF_ERROR(own.Reserve(end - begin));
    SEXTANT_RETURN_IF_ERROR(append(begin, end, own));
    if (!has_slots) return parts.Append(begin / kPartSize, std::move(own));
    values.CopySlots(first + begin, own);
    return absl::OkStatus();
  });
}

}  // namespace sextant
