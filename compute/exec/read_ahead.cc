#include "compute/exec/read_ahead.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Workers besides the reader's.
constexpr int kMostHelpers = 3;
/// Batches that are made or to be made, per worker, while the reader takes one: with more of them
/// each is made in memory that is in no cache any more, which takes half as long again.
constexpr size_t kBatchesPerWorker = 2;
/// Batches that were given back and wait to be written over, of the reader's or of helpers'.
constexpr size_t kMostSpare = 4;

/// The batches to come, in their order. A batch is planned, then claimed by who makes it, then
/// ready; the reader takes the first. Whoever makes one holds no lock and waits for nobody, so that
/// a claimed batch is soon ready. Shared with helpers, which may come when the reader is gone.
class Batches {
 public:
  explicit Batches(std::unique_ptr<FinishedResult> result)
      : result_(std::move(result)), scratch_(result_->TakeScratch()) {}

  /// Of the reader.
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t target_bytes, size_t num_ahead) {
    SEXTANT_RETURN_IF_ERROR(result_->context().Check());
    std::unique_lock lock(mutex_);
    while (batches_.size() <= num_ahead && !is_planned_) Plan(target_bytes);
    if (batches_.empty()) return std::nullopt;
    while (!batches_.front()->is_ready()) {
      if (MakeOne(lock, scratch_)) continue;
      made_.wait(lock, [this] { return batches_.front()->is_ready(); });
    }
    ResultBatch batch = std::move(batches_.front()->made);
    last_is_helpers_ = batches_.front()->is_helpers;
    batches_.pop_front();
    return batch;
  }
  /// Of the reader: the memory of the batch goes back to who made it, most likely; it is in the
  /// caches there, and allocators of threads do not wait for each other.
  void GiveBack(ResultBatch batch) {
    const std::lock_guard lock(mutex_);
    std::vector<ResultBatch>& spare = spare_[last_is_helpers_ ? 1 : 0];
    if (spare.size() < kMostSpare) spare.push_back(std::move(batch));
  }
  /// Whether a helper should be called, which then counts as one.
  bool TakeOnHelper(int most) {
    const std::lock_guard lock(mutex_);
    if (num_helpers_ >= most || lacks_memory_ || is_closed_) return false;
    if (num_planned_ <= num_helpers_) return false;
    ++num_helpers_;
    return true;
  }
  /// Of a helper that is done, or did not come.
  void LetGoHelper() {
    const std::lock_guard lock(mutex_);
    --num_helpers_;
  }
  /// Of a helper: makes a batch; false where there is none.
  bool Help() {
    std::unique_lock lock(mutex_);
    if (HelpOnce(lock)) return true;
    --num_helpers_;
    return false;
  }
  /// Of the reader, at its end, which may be on a thread that must not wait: where helpers are at a
  /// batch, the last of them lets go of what there is.
  void Close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    LetGoIfUnused();
  }

  const FinishedResult& result() const { return *result_; }

 private:
  enum class State { kPlanned, kClaimed, kReady };
  struct Batch {
    bool is_ready() const { return state == State::kReady; }

    RowRun rows;
    bool is_helpers = false;  // made by a helper
    State state = State::kPlanned;
    ResultBatch made;
  };

  // REQUIRES of all that follow: the mutex is held.
  /// Once closed, when nobody makes a batch: of the result last, which has the budget of the rest.
  void LetGoIfUnused() {
    const bool is_used = std::any_of(batches_.begin(), batches_.end(), [](const auto& batch) {
      return batch->state == State::kClaimed;
    });
    if (!is_closed_ || is_used) return;
    batches_.clear();
    spare_ = {};
    idle_scratches_.clear();
    scratch_.clear();
    result_.reset();
  }
  void Plan(size_t target_bytes) {
    const RowRun rows = result_->TakeRun(target_bytes);
    is_planned_ = rows.count == 0;
    if (is_planned_) return;
    batches_.push_back(std::make_unique<Batch>());
    batches_.back()->rows = rows;
    ++num_planned_;
  }
  Batch* NextPlanned() const {
    if (is_closed_) return nullptr;
    const auto planned = std::find_if(batches_.begin(), batches_.end(), [](const auto& batch) {
      return batch->state == State::kPlanned;
    });
    return planned == batches_.end() ? nullptr : planned->get();
  }
  /// Makes the first batch that nobody makes, without the lock; false where there is none.
  bool MakeOne(std::unique_lock<std::mutex>& lock, FinishedResult::Scratch& scratch) {
    Batch* const batch = NextPlanned();
    if (batch == nullptr) return false;
    batch->state = State::kClaimed;
    --num_planned_;
    batch->is_helpers = &scratch != &scratch_;
    std::vector<ResultBatch>& spare = spare_[batch->is_helpers ? 1 : 0];
    if (!spare.empty()) {
      batch->made = std::move(spare.back());
      spare.pop_back();
    }
    lock.unlock();
    result_->Read(batch->rows, scratch, batch->made);
    lock.lock();
    batch->state = State::kReady;
    made_.notify_all();
    return true;
  }
  /// MakeOne with a scratch of a helper's. Where there is no memory for one, the reader goes on
  /// alone.
  bool HelpOnce(std::unique_lock<std::mutex>& lock) {
    if (NextPlanned() == nullptr || lacks_memory_) return false;
    if (idle_scratches_.empty()) {
      absl::StatusOr<FinishedResult::Scratch> made = result_->MakeScratch();
      lacks_memory_ = !made.ok();
      if (lacks_memory_) return false;
      idle_scratches_.push_back(*std::move(made));
    }
    FinishedResult::Scratch scratch = std::move(idle_scratches_.back());
    idle_scratches_.pop_back();
    MakeOne(lock, scratch);
    idle_scratches_.push_back(std::move(scratch));
    LetGoIfUnused();
    return true;
  }

  std::unique_ptr<FinishedResult> result_;  // null once closed, when there are no batches
  FinishedResult::Scratch scratch_;         // of the reader
  std::mutex mutex_;
  std::condition_variable made_;
  // Guarded by the mutex.
  int num_planned_ = 0;  // of batches_, claimed by none
  std::deque<std::unique_ptr<Batch>> batches_;
  std::vector<FinishedResult::Scratch> idle_scratches_;  // of helpers
  bool lacks_memory_ = false;                            // for helpers
  bool is_closed_ = false;
  bool is_planned_ = false;                        // to the last row
  int num_helpers_ = 0;                            // called, and not done
  std::array<std::vector<ResultBatch>, 2> spare_;  // given back: the reader's, those of helpers
  bool last_is_helpers_ = false;                   // of the batch that was taken last
};

class BatchesTask final : public Task {
 public:
  explicit BatchesTask(std::shared_ptr<Batches> batches) : batches_(std::move(batches)) {}
  bool Step() override { return batches_->Help(); }

 private:
  const std::shared_ptr<Batches> batches_;
};

class ReadAheadCursor final : public ResultCursor {
 public:
  ReadAheadCursor(std::unique_ptr<FinishedResult> result, WorkerPool& pool)
      : pool_(pool),
        most_helpers_(std::min(pool.stats().num_workers - 1, kMostHelpers)),
        batches_(std::make_shared<Batches>(std::move(result))) {}
  ~ReadAheadCursor() override { batches_->Close(); }

  void GiveBack(ResultBatch batch) override { batches_->GiveBack(std::move(batch)); }
  const ResultHeader& header() const override { return batches_->result().header(); }
  const ResultSummary& summary() const override { return batches_->result().summary(); }

  /// The first batch may be a small one, which is on its way at once.
  absl::StatusOr<std::optional<ResultBatch>> Next(size_t target_bytes) override {
    const size_t num_ahead =
        is_first_ ? 0 : kBatchesPerWorker * (static_cast<size_t>(most_helpers_) + 1);
    is_first_ = false;
    SEXTANT_ASSIGN_OR_RETURN(std::optional<ResultBatch> batch,
                             batches_->Next(target_bytes, num_ahead));
    CallHelpers();
    return batch;
  }

 private:
  void CallHelpers() {
    while (pool_.has_idle_worker() && batches_->TakeOnHelper(most_helpers_)) {
      const auto make = [this] { return std::make_unique<BatchesTask>(batches_); };
      if (!pool_.SubmitToIdle(batches_->result().context().priority(), make)) {
        batches_->LetGoHelper();
      }
    }
  }

  WorkerPool& pool_;
  const int most_helpers_;
  const std::shared_ptr<Batches> batches_;
  bool is_first_ = true;
};

}  // namespace

std::unique_ptr<ResultCursor> ReadAhead(std::unique_ptr<FinishedResult> result, WorkerPool& pool) {
  const bool pays =
      result->num_fixed_bytes() >= kLeastBytesReadAhead && pool.stats().num_workers > 1;
  if (!pays) return result;
  return std::make_unique<ReadAheadCursor>(std::move(result), pool);
}

}  // namespace sextant
