#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/column/data_type.h"
#include "compute/kernels/copy_text.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// The values of one metric over the cells of a result, in tracked memory. Which array is filled
/// goes by the type, as in ResultValues; a cell without a value has valid 0 and a zero slot.
struct MetricValues {
  enum class Form { kInteger, kFloat, kWide, kText, kList };

  MetricValues(const DataType& result_type, MemoryBudget& budget)
      : type(result_type),
        form(FormOf(result_type)),
        valid(budget),
        integers(budget),
        floats(budget),
        wides(budget),
        text_ends(budget),
        text_bytes(budget),
        list_ends(budget) {
    if (form == Form::kList) {
      elements = std::make_unique<MetricValues>(result_type.ElementType(), budget);
    }
  }

  static Form FormOf(const DataType& result_type) {
    switch (result_type.kind) {
      case TypeKind::kFloat32:
      case TypeKind::kFloat64:
      case TypeKind::kDuration:  // in seconds
        return Form::kFloat;
      case TypeKind::kDecimal:
        return result_type.precision > 18 ? Form::kWide : Form::kInteger;
      case TypeKind::kUuid:
      case TypeKind::kInterval:
        return Form::kWide;
      case TypeKind::kText:
      case TypeKind::kEnum:
      case TypeKind::kJson:
      case TypeKind::kBytes:
        return Form::kText;
      case TypeKind::kList:
        return Form::kList;
      default:
        return Form::kInteger;
    }
  }

  absl::Status AppendInteger(int64_t value) {
    SEXTANT_RETURN_IF_ERROR(valid.Append(1));
    return integers.Append(value);
  }
  absl::Status AppendFloat(double value) {
    SEXTANT_RETURN_IF_ERROR(valid.Append(1));
    return floats.Append(value);
  }
  absl::Status AppendWide(Wide value) {
    SEXTANT_RETURN_IF_ERROR(valid.Append(1));
    return wides.Append(value);
  }
  absl::Status AppendText(std::string_view value) {
    SEXTANT_RETURN_IF_ERROR(valid.Append(1));
    SEXTANT_RETURN_IF_ERROR(text_bytes.AppendSpan(std::span(value.data(), value.size())));
    return text_ends.Append(text_bytes.size());
  }
  /// AppendText of each: room is made once.
  absl::Status AppendTexts(std::span<const std::string_view> texts);
  /// Form kList: a list of what was appended to `elements` since the list before.
  absl::Status AppendList() {
    SEXTANT_RETURN_IF_ERROR(valid.Append(1));
    return list_ends.Append(elements->size());
  }
  absl::Status AppendMissing() {
    SEXTANT_RETURN_IF_ERROR(valid.Append(0));
    switch (form) {
      case Form::kInteger:
        return integers.Append(0);
      case Form::kFloat:
        return floats.Append(0);
      case Form::kWide:
        return wides.Append(Wide{});
      case Form::kList:
        return list_ends.Append(elements->size());
      default:
        return text_ends.Append(text_bytes.size());
    }
  }

  /// Room for `count` more values, so that appending them does not move what is there; texts and
  /// lists excepted.
  absl::Status Reserve(size_t count);
  /// Adds `count` values that are all there, and returns their slots for the caller to write: that
  /// of each, with MakeMissing for those that are not there. Form kInteger, kFloat.
  absl::StatusOr<std::span<int64_t>> AddIntegers(size_t count) { return AddTo(integers, count); }
  absl::StatusOr<std::span<double>> AddFloats(size_t count) { return AddTo(floats, count); }
  /// Takes the value back. Form kInteger, kFloat.
  void MakeMissing(size_t position) {
    valid[position] = 0;
    if (form == Form::kInteger) integers[position] = 0;
    if (form == Form::kFloat) floats[position] = 0;
  }
  /// Takes back all values from `size` on. Form kInteger, kFloat.
  void Shorten(size_t size) {
    valid.Resize(size).IgnoreError();  // to less it never fails, as those below
    if (form == Form::kInteger) integers.Resize(size).IgnoreError();
    if (form == Form::kFloat) floats.Resize(size).IgnoreError();
  }

  /// Whether values are of one size each: neither texts nor lists.
  bool has_slots() const { return form != Form::kText && form != Form::kList; }
  /// Makes room for `size` values, to be written by CopySlots. REQUIRES: has_slots().
  absl::Status ResizeSlots(size_t size);
  /// Writes all of `from`, which is of the same type, from the slot `first` on. Thread-safe for
  /// other slots. REQUIRES: has_slots().
  void CopySlots(size_t first, const MetricValues& from);
  /// Takes all values out; their room stays.
  void Clear();
  /// Appends all of `from`, which is of the same type. REQUIRES: they are others.
  absl::Status AppendAll(const MetricValues& from);

  /// As Buffer::ChargeTo; after an error some are charged there. Idempotent.
  absl::Status ChargeTo(MemoryBudget& budget) {
    SEXTANT_RETURN_IF_ERROR(valid.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(integers.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(floats.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(wides.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(text_ends.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(text_bytes.ChargeTo(budget));
    SEXTANT_RETURN_IF_ERROR(list_ends.ChargeTo(budget));
    return elements == nullptr ? absl::OkStatus() : elements->ChargeTo(budget);
  }
  size_t reserved_bytes() const {
    return valid.reserved_bytes() + integers.reserved_bytes() + floats.reserved_bytes() +
           wides.reserved_bytes() + text_ends.reserved_bytes() + text_bytes.reserved_bytes() +
           list_ends.reserved_bytes() + (elements == nullptr ? 0 : elements->reserved_bytes());
  }

  size_t size() const { return valid.size(); }
  std::string_view Text(size_t position) const {
    const uint64_t begin = position == 0 ? 0 : text_ends[position - 1];
    return {text_bytes.data() + begin, text_ends[position] - begin};
  }
  /// Form kList: its elements are elements[ListBegin(position) .. ListEnd(position)).
  size_t ListBegin(size_t position) const { return position == 0 ? 0 : list_ends[position - 1]; }
  size_t ListEnd(size_t position) const { return list_ends[position]; }

  DataType type;
  Form form;
  TrackedVector<uint8_t> valid;
  TrackedVector<int64_t> integers;
  TrackedVector<double> floats;
  TrackedVector<Wide> wides;
  TrackedVector<uint64_t> text_ends;
  TrackedVector<char> text_bytes;
  TrackedVector<uint64_t> list_ends;       // counted in elements
  std::unique_ptr<MetricValues> elements;  // of all lists, in their order; kList only

 private:
  template <typename T>
  absl::StatusOr<std::span<T>> AddTo(TrackedVector<T>& slots, size_t count) {
    const size_t first = size();
    SEXTANT_RETURN_IF_ERROR(valid.ResizeUninitialized(first + count));
    if (count > 0) std::memset(valid.data() + first, 1, count);
    SEXTANT_RETURN_IF_ERROR(slots.ResizeUninitialized(first + count));
    return slots.span().subspan(first);
  }
};

inline absl::Status MetricValues::AppendTexts(std::span<const std::string_view> texts) {
  const size_t first = size();
  size_t end = text_bytes.size();
  SEXTANT_RETURN_IF_ERROR(valid.ResizeUninitialized(first + texts.size()));
  SEXTANT_RETURN_IF_ERROR(text_ends.ResizeUninitialized(first + texts.size()));
  for (size_t i = 0; i < texts.size(); ++i) {
    valid[first + i] = 1;
    text_ends[first + i] = end += texts[i].size();
  }
  const size_t begin = text_bytes.size();
  SEXTANT_RETURN_IF_ERROR(text_bytes.ResizeUninitialized(end));
  char* to = text_bytes.data() + begin;
  for (const std::string_view text : texts) {
    CopyText(text, to);
    to += text.size();
  }
  return absl::OkStatus();
}

inline absl::Status MetricValues::ResizeSlots(size_t size) {
  SEXTANT_RETURN_IF_ERROR(valid.ResizeUninitialized(size));
  switch (form) {
    case Form::kFloat:
      return floats.ResizeUninitialized(size);
    case Form::kWide:
      return wides.ResizeUninitialized(size);
    default:
      return integers.ResizeUninitialized(size);
  }
}

inline void MetricValues::CopySlots(size_t first, const MetricValues& from) {
  const auto copy = [first](auto& into, const auto& own) {
    if (!own.empty()) std::copy_n(own.data(), own.size(), into.data() + first);
  };
  copy(valid, from.valid);
  copy(integers, from.integers);
  copy(floats, from.floats);
  copy(wides, from.wides);
}

inline void MetricValues::Clear() {
  valid.Clear();
  integers.Clear();
  floats.Clear();
  wides.Clear();
  text_ends.Clear();
  text_bytes.Clear();
  list_ends.Clear();
  if (elements != nullptr) elements->Clear();
}

inline absl::Status MetricValues::AppendAll(const MetricValues& from) {
  // Ends are counted from the first byte or element of all.
  const auto append_ends = [](TrackedVector<uint64_t>& ends, const TrackedVector<uint64_t>& more,
                              uint64_t begin) {
    const size_t first = ends.size();
    SEXTANT_RETURN_IF_ERROR(ends.ResizeUninitialized(first + more.size()));
    for (size_t i = 0; i < more.size(); ++i) ends[first + i] = begin + more[i];
    return absl::OkStatus();
  };
  SEXTANT_RETURN_IF_ERROR(valid.AppendSpan(from.valid.span()));
  SEXTANT_RETURN_IF_ERROR(integers.AppendSpan(from.integers.span()));
  SEXTANT_RETURN_IF_ERROR(floats.AppendSpan(from.floats.span()));
  SEXTANT_RETURN_IF_ERROR(wides.AppendSpan(from.wides.span()));
  SEXTANT_RETURN_IF_ERROR(append_ends(text_ends, from.text_ends, text_bytes.size()));
  SEXTANT_RETURN_IF_ERROR(text_bytes.AppendSpan(from.text_bytes.span()));
  if (elements == nullptr) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(append_ends(list_ends, from.list_ends, elements->size()));
  return elements->AppendAll(*from.elements);
}

inline absl::Status MetricValues::Reserve(size_t count) {
  const size_t wanted = size() + count;
  SEXTANT_RETURN_IF_ERROR(valid.Reserve(wanted));
  switch (form) {
    case Form::kInteger:
      return integers.Reserve(wanted);
    case Form::kFloat:
      return floats.Reserve(wanted);
    case Form::kWide:
      return wides.Reserve(wanted);
    case Form::kText:
      return text_ends.Reserve(wanted);
    case Form::kList:
      break;
  }
  return list_ends.Reserve(wanted);
}

}  // namespace sextant
