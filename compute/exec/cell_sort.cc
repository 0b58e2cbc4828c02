#include "compute/exec/cell_sort.h"

#include <algorithm>
#include <bit>

#include "compute/exec/result_rows.h"
#include "compute/kernels/bin_sort.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

int BitsFor(size_t num_values) {
  return num_values <= 1 ? 0 : static_cast<int>(std::bit_width(num_values - 1));
}

/// Cells of all sources are numbered one source after another: their places.
class CellSorter {
 public:
  CellSorter(const CellSortInput& input, const RowSlots& rows)
      : input_(input),
        rows_(rows),
        budget_(input.context.budget()),
        items_(budget_),
        keys_(budget_) {
    for (const SortedAxis& axis : input.axes) bits_.push_back(BitsFor(axis.num_ranks));
    bits_.push_back(BitsFor(input.num_intervals));
    for (const CellSource& source : input.sources) {
      begins_.push_back(num_places_);
      num_places_ += source.num_cells();
    }
    place_bits_ = BitsFor(num_places_);
  }

  absl::StatusOr<size_t> Sort() {
    if (HasOneCellPerRank()) return PlaceByRank();
    int bits = 0;
    for (const int own : bits_) bits += own;
    if (bits + place_bits_ < 64) {
      SEXTANT_RETURN_IF_ERROR(SortWholeKeys());
    } else {
      SEXTANT_RETURN_IF_ERROR(SortInRounds());
    }
    return WriteRows();
  }

 private:
  /// The ranks of the only axis are the rows.
  bool HasOneCellPerRank() const {
    return input_.sources.size() == 1 && input_.axes.size() == 1 && input_.num_intervals == 1 &&
           input_.axes[0].num_ranks == num_places_;
  }
  absl::StatusOr<size_t> PlaceByRank() {
    const CellSource& source = input_.sources[0];
    const uint32_t* const codes = source.codes(0).data();
    const uint32_t* const rank_of_code = input_.axes[0].rank_of_code[0].data();
    SEXTANT_RETURN_IF_ERROR(ForPlaces([&](size_t at) {
      rows_.cells[0][rank_of_code[codes[at]]] = source.Id(at);
      rows_.ranks[0][at] = static_cast<uint32_t>(at);
      rows_.intervals[at] = 0;
    }));
    return num_places_;
  }

  absl::Status Check() const { return input_.context.Check(); }

  /// Calls body(first place, places) with runs of places of one source, and asks in between.
  template <typename Body>
  absl::Status ForCells(Body body) const {
    for (size_t dataset = 0; dataset < input_.sources.size(); ++dataset) {
      const size_t size = input_.sources[dataset].num_cells();
      SEXTANT_RETURN_IF_ERROR(
          ForBlocks(size, AskToGoOn, [&](size_t begin, size_t end) { body(dataset, begin, end); }));
    }
    return absl::OkStatus();
  }

  /// Calls body(i) for each place, and asks in between.
  template <typename Body>
  absl::Status ForPlaces(Body body) const {
    return ForBlocks(num_places_, AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) body(i);
    });
  }

  /// Shifts a digit, of an axis or (the last) of the interval, into the keys of all places.
  template <typename KeyAt>
  absl::Status ShiftIn(size_t digit, KeyAt key_at) const {
    const int bits = bits_[digit];
    if (bits == 0) return absl::OkStatus();
    return ForCells([&](size_t dataset, size_t begin, size_t end) {
      const CellSource& source = input_.sources[dataset];
      const size_t first_place = begins_[dataset];
      if (digit == input_.axes.size()) {
        const uint32_t* __restrict intervals = source.intervals().data();
        for (size_t at = begin; at < end; ++at) {
          auto& key = key_at(first_place + at);
          key = key << bits | intervals[at];
        }
        return;
      }
      const uint32_t* __restrict codes = source.codes(digit).data();
      const uint32_t* __restrict ranks = input_.axes[digit].rank_of_code[dataset].data();
      for (size_t at = begin; at < end; ++at) {
        auto& key = key_at(first_place + at);
        key = key << bits | ranks[codes[at]];
      }
    });
  }

  /// Where what orders a cell, and last its place, fits in one number: usually.
  absl::Status SortWholeKeys() {
    SEXTANT_RETURN_IF_ERROR(keys_.Resize(num_places_));
    for (size_t digit = 0; digit < bits_.size(); ++digit) {
      SEXTANT_RETURN_IF_ERROR(ShiftIn(digit, [this](size_t at) -> int64_t& { return keys_[at]; }));
    }
    int64_t* const keys = keys_.data();
    SEXTANT_RETURN_IF_ERROR(ForPlaces([keys, bits = place_bits_](size_t at) {
      keys[at] = keys[at] << bits | static_cast<int64_t>(at);
    }));
    has_whole_keys_ = true;
    return SortManyKeys(keys_.span(), budget_, [this] { return Check(); });
  }

  /// Each round sorts by as many digits as fit behind the number of the place's group, which the
  /// rounds before have found: groups are places that are equal so far.
  absl::Status SortInRounds() {
    TrackedVector<uint32_t> groups(budget_);
    SEXTANT_RETURN_IF_ERROR(groups.Resize(num_places_));
    SEXTANT_RETURN_IF_ERROR(items_.ResizeUninitialized(num_places_));
    size_t num_groups = 1;
    for (size_t digit = 0; digit < bits_.size();) {
      SEXTANT_RETURN_IF_ERROR(
          ForPlaces([&](size_t at) { items_[at] = {.item = at, .key = groups[at]}; }));
      const bool is_first = digit == 0;
      int room = 64 - BitsFor(num_groups);
      for (; digit < bits_.size() && bits_[digit] <= room; ++digit) {
        SEXTANT_RETURN_IF_ERROR(
            ShiftIn(digit, [this](size_t at) -> uint64_t& { return items_[at].key; }));
        room -= bits_[digit];
      }
      SEXTANT_RETURN_IF_ERROR(SortManyKeys(items_.span(), budget_, [this] { return Check(); }));
      if (is_first && digit == bits_.size()) {
        items_have_digits_ = true;
        break;
      }
      num_groups = 0;
      SEXTANT_RETURN_IF_ERROR(ForPlaces([&](size_t i) {
        num_groups += i > 0 && items_[i].key != items_[i - 1].key ? 1 : 0;
        groups[items_[i].item] = static_cast<uint32_t>(num_groups);
      }));
      ++num_groups;
    }
    return absl::OkStatus();
  }

  size_t PlaceAt(size_t i) const {
    if (!has_whole_keys_) return items_[i].item;
    return static_cast<uint64_t>(keys_[i]) & ((uint64_t{1} << place_bits_) - 1);
  }
  bool BeginsRow(size_t i) const {
    if (i == 0) return true;
    if (!has_whole_keys_) return items_[i].key != items_[i - 1].key;
    return keys_[i] >> place_bits_ != keys_[i - 1] >> place_bits_;
  }

  /// Returns how many there are.
  absl::StatusOr<size_t> WriteRows() {
    TrackedVector<uint32_t> row_of(budget_);  // per sorted place; empty: its own
    size_t num_rows = num_places_;
    if (input_.sources.size() > 1) {
      SEXTANT_RETURN_IF_ERROR(row_of.ResizeUninitialized(num_places_));
      num_rows = 0;
      SEXTANT_RETURN_IF_ERROR(ForPlaces([&](size_t i) {
        num_rows += BeginsRow(i) ? 1 : 0;
        row_of[i] = static_cast<uint32_t>(num_rows) - 1;
      }));
    }
    SEXTANT_RETURN_IF_ERROR(WriteCells(row_of.span(), num_rows));
    SEXTANT_RETURN_IF_ERROR(WriteDigit(input_.axes.size(), row_of.span(), rows_.intervals));
    for (size_t axis = 0; axis < input_.axes.size(); ++axis) {
      SEXTANT_RETURN_IF_ERROR(WriteDigit(axis, row_of.span(), rows_.ranks[axis]));
    }
    return num_rows;
  }

  absl::Status WriteCells(std::span<const uint32_t> row_of, size_t num_rows) {
    SEXTANT_RETURN_IF_ERROR(Check());
    if (input_.sources.size() == 1) {
      const CellSource& source = input_.sources[0];
      return ForPlaces([&](size_t i) { rows_.cells[0][i] = source.Id(PlaceAt(i)); });
    }
    for (uint32_t* const cells : rows_.cells) {
      SEXTANT_RETURN_IF_ERROR(
          FillInBlocks(std::span(cells, num_rows), ResultRows::kNoCell, AskToGoOn));
    }
    return ForPlaces([&](size_t i) {
      const size_t dataset = DatasetOf(PlaceAt(i));
      rows_.cells[dataset][row_of[i]] = input_.sources[dataset].Id(PlaceAt(i) - begins_[dataset]);
    });
  }

  size_t DatasetOf(size_t place) const {
    return static_cast<size_t>(std::upper_bound(begins_.begin(), begins_.end(), place) -
                               begins_.begin()) -
           1;
  }

  /// Writes a digit of each row: out of its key, or of a place of it.
  absl::Status WriteDigit(size_t digit, std::span<const uint32_t> row_of,
                          uint32_t* __restrict values) {
    const auto write = [&](auto digit_at) {
      if (input_.sources.size() == 1) {
        return ForPlaces([=](size_t i) { values[i] = digit_at(i); });
      }
      return ForPlaces([=](size_t i) { values[row_of[i]] = digit_at(i); });
    };
    if (!has_whole_keys_ && !items_have_digits_) {
      return write([this, digit](size_t i) { return DigitOf(digit, PlaceAt(i)); });
    }
    int shift = has_whole_keys_ ? place_bits_ : 0;
    for (size_t after = digit + 1; after < bits_.size(); ++after) shift += bits_[after];
    const auto mask = static_cast<uint32_t>((uint64_t{1} << bits_[digit]) - 1);
    if (mask == 0) {  // and the shift may be as wide as a key
      return write([](size_t) { return uint32_t{0}; });
    }
    if (has_whole_keys_) {
      const int64_t* const keys = keys_.data();
      return write([=](size_t i) { return static_cast<uint32_t>(keys[i] >> shift) & mask; });
    }
    const KeyedItem* const items = items_.data();
    return write([=](size_t i) { return static_cast<uint32_t>(items[i].key >> shift) & mask; });
  }

  uint32_t DigitOf(size_t digit, size_t place) const {
    const size_t dataset = DatasetOf(place);
    const size_t at = place - begins_[dataset];
    const CellSource& source = input_.sources[dataset];
    if (digit == input_.axes.size()) return source.intervals()[at];
    return input_.axes[digit].rank_of_code[dataset][source.codes(digit)[at]];
  }

  const CellSortInput& input_;
  const RowSlots& rows_;
  MemoryBudget& budget_;
  std::vector<int> bits_;       // per digit: the axes, then the interval
  std::vector<size_t> begins_;  // per dataset: the place of its first cell
  size_t num_places_ = 0;
  int place_bits_ = 0;
  bool has_whole_keys_ = false;
  bool items_have_digits_ = false;  // there was but one round, so that keys of items are all digits
  TrackedVector<KeyedItem> items_;  // sorted: the places, by what they have in the last round
  TrackedVector<int64_t> keys_;     // sorted, with has_whole_keys_: all digits and the place
};

}  // namespace

absl::StatusOr<size_t> SortCells(const CellSortInput& input, const RowSlots& rows) {
  return CellSorter(input, rows).Sort();
}

}  // namespace sextant
