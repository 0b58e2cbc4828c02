#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "compute/operators/axis_coder.h"
#include "compute/operators/kept_tuples.h"

namespace sextant {

class ClipCuts;

/// Which groups of a query one pass over the rows makes (rule 18).
struct Grouping {
  enum class Rows {
    kAll,
    kTuples,  // rows in the tuples `kept`, once in each
    kOthers,  // rows in a tuple, but in none of `kept`; all axes are summed up
  };
  /// Bit i: axis i is summed up. A row must be in a group of it, and counts once.
  uint32_t summed = 0;
  Rows rows = Rows::kAll;
  const KeptTuples* kept = nullptr;  // but for kAll; must outlive the pass
  /// Where samples are clipped: the cuts of the same grouping, whose codes states begin with.
  const ClipCuts* cuts = nullptr;
};

/// Puts rows into the groups of all axes of a grouping: each row in every combination of its groups
/// on the axes that are not summed up. Const after construction; safe for any number of threads,
/// each with its own State.
class AxisCodes {
 public:
  /// Memory of one range.
  struct State {
    explicit State(MemoryBudget& budget)
        : members(budget), rows(budget), codes(budget), expanded(budget), distinct(budget) {}

    struct Reel {  // of one axis, within `distinct`
      size_t begin = 0;
      size_t end = 0;
      size_t at = 0;
    };

    std::vector<AxisState> axes;       // of all axes
    TrackedVector<uint32_t> members;   // rows of the batch that are in a group of every axis
    TrackedVector<uint32_t> rows;      // of the batch handed on
    TrackedVector<uint32_t> codes;     // kBatchRows per shown axis: of `members`
    TrackedVector<uint32_t> expanded;  // kBatchRows per shown axis: of `rows`
    TrackedVector<uint32_t> distinct;  // a row's codes, one multiple axis after another
    std::vector<Reel> reels;
    std::vector<const uint32_t*> columns;  // per shown axis
  };
  /// Gets rows, at most kBatchRows, in row order, some repeated, and per axis that is not summed up
  /// the code of each.
  using Sink = absl::FunctionRef<absl::Status(std::span<const uint32_t> rows,
                                              std::span<const uint32_t* const> codes)>;
  using Check = std::function<absl::Status()>;

  /// `ranks`: per axis, as in ValueCoder::OfColumn; or none. Errors: RESOURCE_EXHAUSTED, here and
  /// in all that follow.
  static absl::StatusOr<AxisCodes> Create(std::span<const BoundAxis> axes, const Table& table,
                                          std::span<const TextRanks* const> ranks,
                                          const Grouping& grouping, MemoryBudget& budget);

  absl::StatusOr<State> MakeState(MemoryBudget& budget) const;
  /// The same of `state`, a new one.
  absl::Status BeginState(State& state, MemoryBudget& budget) const;
  /// REQUIRES: called before the rows of a chunk, all of which `selection` has.
  void BeginChunk(State& state, const Chunk& chunk, Selection selection) const;
  /// Hands on the groups of `rows`, at most kBatchRows and ascending. `check` is asked now and then
  /// when a row may be in several.
  absl::Status Expand(State& state, const Chunk& chunk, std::span<const uint32_t> rows,
                      const Check& check, Sink sink) const;

  /// All axes of the query.
  std::span<const AxisCoder> coders() const { return coders_; }
  /// Those that are not summed up, ascending; cells have codes of these.
  std::span<const uint32_t> shown() const { return shown_; }
  /// Every row is in the one group that there is.
  bool takes_rows_once() const {
    return expanded_.empty() && !may_miss_ && grouping_.rows == Grouping::Rows::kAll;
  }
  /// Where there is one axis, which every row has one group on: as ValueCoder::CodesOfBytes.
  std::optional<ValueCoder::ByteCodes> CodesOfBytes(const Chunk& chunk) const {
    const bool is_plain = coders_.size() == 1 && shown_.size() == 1 && multiple_.empty() &&
                          !may_miss_ && grouping_.rows == Grouping::Rows::kAll;
    return is_plain ? coders_[0].CodesOfBytes(chunk) : std::nullopt;
  }
  /// A row may be in several groups, or tuples are looked up: more than a batch's work.
  bool may_repeat() const { return !multiple_.empty() || grouping_.kept != nullptr; }

 private:
  AxisCodes() = default;

  /// The rows of the batch that are in a group of every axis.
  absl::StatusOr<std::span<const uint32_t>> FindMembers(State& state, const Chunk& chunk,
                                                        std::span<const uint32_t> rows) const;
  /// Hands on the groups on the axes that Expand goes through, which are all for kOthers.
  absl::Status ExpandMembers(State& state, const Chunk& chunk, std::span<const uint32_t> rows,
                             const Check& check, Sink sink) const;
  /// The same where that is one axis of sets, of which the batch has begun.
  absl::Status ExpandSets(State& state, std::span<const uint32_t> rows, const Check& check,
                          Sink sink) const;
  absl::Status LoadReels(State& state, const Chunk& chunk, uint32_t row, size_t k) const;
  absl::Status KeepTuples(std::span<const uint32_t> rows, std::span<const uint32_t* const> codes,
                          Sink sink) const;
  absl::Status ExpandOthers(State& state, const Chunk& chunk, std::span<const uint32_t> rows,
                            const Check& check, Sink sink) const;

  Grouping grouping_;
  bool may_miss_ = false;  // a row may be in no group of an axis
  std::vector<AxisCoder> coders_;
  std::vector<uint32_t> shown_;     // axes
  std::vector<uint32_t> expanded_;  // axes that are gone through: shown_, or all for kOthers
  std::vector<uint32_t> multiple_;  // positions within expanded_
};

}  // namespace sextant
