#include "compute/exec/links/key_numbers.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "compute/column/dictionary.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint32_t kNone = KeyNumbers::kNone;
static_assert(kNone == Dictionary::kNoCode);

/// The value of a row as bytes, equal where the values are.
class ValueBytes {
 public:
  ValueBytes(const Column& column, const Dictionary* dictionary)
      : column_(column), dictionary_(dictionary) {}

  /// Valid until the next call.
  std::string_view At(uint32_t row) {
    switch (column_.layout()) {
      case Layout::kInteger:
        return BytesOf(column_.IntegerAt(row));
      case Layout::kWide:
        return BytesOf(column_.WideAt(row));
      case Layout::kCode:
        return dictionary_->Entry(column_.CodeAt(row));
      default:
        return column_.BytesAt(row);
    }
  }

 private:
  template <typename T>
  std::string_view BytesOf(const T& value) {
    std::memcpy(room_, &value, sizeof(value));
    return {room_, sizeof(value)};
  }

  const Column& column_;
  const Dictionary* const dictionary_;
  char room_[sizeof(Wide)];
};

/// Calls `visit(number, column, row)` for each row whose value is not NULL; ends with its error.
template <typename Visit>
absl::Status ForEachValue(const KeyColumns& side, ColumnIndex index, Visit visit) {
  for (uint32_t chunk = 0; chunk < side.table.num_chunks(); ++chunk) {
    const Column& column = side.table.chunk(chunk).column(index);
    const uint32_t first = side.numbers.first(chunk);
    for (uint32_t row = 0; row < column.num_rows(); ++row) {
      if (column.IsNull(row)) continue;
      SEXTANT_RETURN_IF_ERROR(visit(first + row, column, row));
    }
  }
  return absl::OkStatus();
}

/// Makes the numbers of one part of a key after the other, and joins them.
class KeyNumberer {
 public:
  KeyNumberer(const KeyColumns& left, const KeyColumns& right, MemoryBudget& budget)
      : left_(left),
        right_(right),
        budget_(budget),
        most_direct_(
            std::clamp<uint64_t>(8 * (uint64_t{left.numbers.size()} + right.numbers.size()),
                                 uint64_t{1} << 20, uint64_t{1} << 31)) {}

  absl::StatusOr<KeyNumbers> Number() {
    if (left_.table.schema().tenant_column() && right_.table.schema().tenant_column()) {
      SEXTANT_ASSIGN_OR_RETURN(KeyNumbers tenants, OfTenants());
      SEXTANT_RETURN_IF_ERROR(Join(std::move(tenants)));
    }
    for (size_t i = 0; i < left_.columns.size(); ++i) {
      SEXTANT_ASSIGN_OR_RETURN(KeyNumbers part, OfColumns(left_.columns[i], right_.columns[i]));
      SEXTANT_RETURN_IF_ERROR(Join(std::move(part)));
    }
    return *std::move(joined_);
  }

 private:
  absl::StatusOr<KeyNumbers> NewNumbers() const {
    KeyNumbers numbers = {TrackedVector<uint32_t>(budget_), TrackedVector<uint32_t>(budget_)};
    SEXTANT_RETURN_IF_ERROR(numbers.left.ResizeUninitialized(left_.numbers.size()));
    SEXTANT_RETURN_IF_ERROR(numbers.right.ResizeUninitialized(right_.numbers.size()));
    std::fill(numbers.left.span().begin(), numbers.left.span().end(), kNone);
    std::fill(numbers.right.span().begin(), numbers.right.span().end(), kNone);
    return numbers;
  }

  absl::StatusOr<KeyNumbers> OfTenants() const {
    SEXTANT_ASSIGN_OR_RETURN(KeyNumbers numbers, NewNumbers());
    absl::flat_hash_map<std::string, uint32_t> ids;
    right_.table.tenants().ForEachTenant([&](const std::string& tenant, auto ranges) {
      const auto id = static_cast<uint32_t>(ids.size());
      ids.emplace(tenant, id);
      Fill(ranges, right_.numbers, id, numbers.right);
    });
    left_.table.tenants().ForEachTenant([&](const std::string& tenant, auto ranges) {
      const auto id = ids.find(tenant);
      if (id != ids.end()) Fill(ranges, left_.numbers, id->second, numbers.left);
    });
    numbers.num_keys = ids.size();
    return numbers;
  }

  static void Fill(std::span<const RowRange> ranges, const RowNumbers& rows, uint32_t id,
                   TrackedVector<uint32_t>& numbers) {
    for (const RowRange& range : ranges) {
      const auto first = numbers.span().begin() + rows.first(range.chunk);
      std::fill(first + range.begin, first + range.end, id);
    }
  }

  absl::StatusOr<KeyNumbers> OfColumns(ColumnIndex left, ColumnIndex right) const {
    const ColumnFacts& facts = right_.table.facts(right);
    if (facts.layout == Layout::kInteger) {
      if (!facts.has_bounds) return NewNumbers();
      const uint64_t span =
          static_cast<uint64_t>(facts.max_integer) - static_cast<uint64_t>(facts.min_integer);
      if (span < most_direct_) return OfNearIntegers(left, right, span + 1);
    }
    if (facts.layout == Layout::kCode) return OfCodes(left, right, *facts.dictionary);
    SEXTANT_ASSIGN_OR_RETURN(const std::shared_ptr<Dictionary> values, Dictionary::Create(budget_));
    SEXTANT_ASSIGN_OR_RETURN(KeyNumbers numbers, NewNumbers());
    SEXTANT_RETURN_IF_ERROR(ForEachValue(
        right_, right, [&](uint32_t number, const Column& column, uint32_t row) -> absl::Status {
          ValueBytes bytes(column, nullptr);
          SEXTANT_ASSIGN_OR_RETURN(numbers.right[number], values->FindOrAppend(bytes.At(row)));
          return absl::OkStatus();
        }));
    SEXTANT_RETURN_IF_ERROR(FindOnLeft(left, *values, numbers));
    numbers.num_keys = values->size();
    return numbers;
  }

  absl::StatusOr<KeyNumbers> OfNearIntegers(ColumnIndex left, ColumnIndex right,
                                            uint64_t num_values) const {
    SEXTANT_ASSIGN_OR_RETURN(KeyNumbers numbers, NewNumbers());
    const auto least = static_cast<uint64_t>(right_.table.facts(right).min_integer);
    const auto note = [&](TrackedVector<uint32_t>& of_side) {
      return [&](uint32_t number, const Column& column, uint32_t row) {
        const uint64_t id = static_cast<uint64_t>(column.IntegerAt(row)) - least;
        if (id < num_values) of_side[number] = static_cast<uint32_t>(id);
        return absl::OkStatus();
      };
    };
    SEXTANT_RETURN_IF_ERROR(ForEachValue(right_, right, note(numbers.right)));
    SEXTANT_RETURN_IF_ERROR(ForEachValue(left_, left, note(numbers.left)));
    numbers.num_keys = num_values;
    return numbers;
  }

  absl::StatusOr<KeyNumbers> OfCodes(ColumnIndex left, ColumnIndex right,
                                     const Dictionary& dictionary) const {
    SEXTANT_ASSIGN_OR_RETURN(KeyNumbers numbers, NewNumbers());
    SEXTANT_RETURN_IF_ERROR(
        ForEachValue(right_, right, [&](uint32_t number, const Column& column, uint32_t row) {
          numbers.right[number] = column.CodeAt(row);
          return absl::OkStatus();
        }));
    SEXTANT_RETURN_IF_ERROR(FindOnLeft(left, dictionary, numbers));
    numbers.num_keys = dictionary.size();
    return numbers;
  }

  absl::Status FindOnLeft(ColumnIndex left, const Dictionary& values, KeyNumbers& numbers) const {
    const ColumnFacts& facts = left_.table.facts(left);
    if (facts.layout != Layout::kCode) {
      return ForEachValue(left_, left, [&](uint32_t number, const Column& column, uint32_t row) {
        ValueBytes bytes(column, nullptr);
        numbers.left[number] = values.Find(bytes.At(row));
        return absl::OkStatus();
      });
    }
    TrackedVector<uint32_t> by_code(budget_);
    SEXTANT_RETURN_IF_ERROR(by_code.Reserve(facts.dictionary_size));
    for (uint32_t code = 0; code < facts.dictionary_size; ++code) {
      by_code.AppendUnchecked(values.Find(facts.dictionary->Entry(code)));
    }
    return ForEachValue(left_, left, [&](uint32_t number, const Column& column, uint32_t row) {
      numbers.left[number] = by_code[column.CodeAt(row)];
      return absl::OkStatus();
    });
  }

  /// What was joined before and `part` become the numbers of their pairs.
  absl::Status Join(KeyNumbers part) {
    if (!joined_) {
      joined_ = std::move(part);
      return absl::OkStatus();
    }
    const uint64_t num_pairs = joined_->num_keys * part.num_keys;  // both below 2^32
    if (num_pairs <= most_direct_) {
      const auto pair = [&](TrackedVector<uint32_t>& before, const TrackedVector<uint32_t>& next) {
        for (size_t i = 0; i < before.size(); ++i) {
          const bool is_none = before[i] == kNone || next[i] == kNone;
          before[i] = is_none ? kNone : static_cast<uint32_t>(before[i] * part.num_keys + next[i]);
        }
      };
      pair(joined_->left, part.left);
      pair(joined_->right, part.right);
      joined_->num_keys = num_pairs;
      return absl::OkStatus();
    }
    return Intern(part);
  }

  absl::Status Intern(const KeyNumbers& part) {
    SEXTANT_ASSIGN_OR_RETURN(const std::shared_ptr<Dictionary> pairs, Dictionary::Create(budget_));
    char room[2 * sizeof(uint32_t)];
    const auto pair_of = [&](uint32_t before, uint32_t next) {
      std::memcpy(room, &before, sizeof(before));
      std::memcpy(room + sizeof(before), &next, sizeof(next));
      return std::string_view(room, sizeof(room));
    };
    for (size_t i = 0; i < joined_->right.size(); ++i) {
      uint32_t& number = joined_->right[i];
      if (number == kNone || part.right[i] == kNone) {
        number = kNone;
      } else {
        SEXTANT_ASSIGN_OR_RETURN(number, pairs->FindOrAppend(pair_of(number, part.right[i])));
      }
    }
    for (size_t i = 0; i < joined_->left.size(); ++i) {
      uint32_t& number = joined_->left[i];
      const bool is_none = number == kNone || part.left[i] == kNone;
      number = is_none ? kNone : pairs->Find(pair_of(number, part.left[i]));
    }
    joined_->num_keys = pairs->size();
    return absl::OkStatus();
  }

  const KeyColumns& left_;
  const KeyColumns& right_;
  MemoryBudget& budget_;
  /// Keys that are numbered by where they lie, not one by one, take at most so many numbers.
  const uint64_t most_direct_;
  std::optional<KeyNumbers> joined_;
};

}  // namespace

absl::StatusOr<KeyNumbers> NumberKeys(const KeyColumns& left, const KeyColumns& right,
                                      MemoryBudget& budget) {
  return KeyNumberer(left, right, budget).Number();
}

}  // namespace sextant
