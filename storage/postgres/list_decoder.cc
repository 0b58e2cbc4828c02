// One-dimensional arrays. An element has the form of a field, so the decoder of its type does the
// rest.

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/postgres/column_decoder.h"

namespace sextant {
namespace {

constexpr size_t kHeaderBytes = 12;    // dimensions, flags, element type
constexpr size_t kDimensionBytes = 8;  // size, lower bound
constexpr size_t kLengthBytes = 4;
constexpr uint32_t kNullLength = 0xFFFFFFFF;

class ListDecoder final : public ColumnDecoder {
 public:
  ListDecoder(const PlannedColumn& column, std::unique_ptr<ColumnDecoder> elements)
      : ColumnDecoder(column.field.name),
        element_oid_(column.element_oid),
        elements_(std::move(elements)) {}

  absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) override {
    auto& lists = static_cast<ListColumnBuilder&>(builder);
    const size_t num_rows = batch.fields.size();
    std::array<uint32_t, kMaxRawRows> lengths;
    for (size_t i = 0; i < num_rows; ++i) {
      lengths[i] = 0;
      if (batch.fields[i] == nullptr) continue;
      absl::Status status = ReadLength(batch.row(i), FieldBytes(batch.fields[i]), lengths[i]);
      if (!status.ok()) return status;
    }
    const BatchValidity valid(batch.fields);
    absl::Status status = lists.Append(std::span(lengths.data(), num_rows), valid.words());
    for (size_t i = 0; i < num_rows && status.ok(); ++i) {
      if (lengths[i] == 0) continue;
      status = GatherElements(batch.row(i), FieldBytes(batch.fields[i]), lengths[i], lists);
    }
    return status.ok() ? Flush(lists) : status;
  }

 private:
  absl::Status ReadLength(int64_t row, std::string_view array, uint32_t& length) const {
    if (array.size() < kHeaderBytes) return Malformed(row, "an array without its header");
    const auto num_dimensions = LoadBigEndian<uint32_t>(array.data());
    const auto element_oid = LoadBigEndian<uint32_t>(array.data() + 8);
    if (element_oid != element_oid_) {
      return Malformed(row,
                       absl::StrCat("an array of type ", element_oid, "; allowed: ", element_oid_));
    }
    if (num_dimensions == 0) {
      return array.size() == kHeaderBytes ? absl::OkStatus()
                                          : Malformed(row, "bytes after an empty array");
    }
    if (num_dimensions > 6) return Malformed(row, "an array of more than 6 dimensions");
    if (num_dimensions > 1) {
      return Unstorable(row, absl::StrCat("an array of ", num_dimensions,
                                          " dimensions; allowed: 1. Declare the column as text in "
                                          "columns.types, or unnest it in a query"));
    }
    if (array.size() < kHeaderBytes + kDimensionBytes) {
      return Malformed(row, "an array without its dimension");
    }
    length = LoadBigEndian<uint32_t>(array.data() + kHeaderBytes);
    if (length > (array.size() - kHeaderBytes - kDimensionBytes) / kLengthBytes) {
      return Malformed(
          row, absl::StrCat("an array of ", length, " elements in ", array.size(), " bytes"));
    }
    return absl::OkStatus();
  }

  absl::Status GatherElements(int64_t row, std::string_view array, uint32_t length,
                              ListColumnBuilder& lists) {
    const char* next = array.data() + kHeaderBytes + kDimensionBytes;
    const char* const end = array.data() + array.size();
    for (uint32_t i = 0; i < length; ++i) {
      if (static_cast<size_t>(end - next) < kLengthBytes) {
        return Malformed(row, "an array that is cut off");
      }
      const auto element_bytes = LoadBigEndian<uint32_t>(next);
      next += kLengthBytes;
      const bool is_null = element_bytes == kNullLength;
      if (!is_null && element_bytes > static_cast<size_t>(end - next)) {
        return Malformed(row, "an element that is longer than its array");
      }
      pending_[num_pending_] = is_null ? nullptr : next;
      rows_of_pending_[num_pending_] = row;
      if (!is_null) next += element_bytes;
      if (++num_pending_ == kMaxRawRows) {
        if (absl::Status status = Flush(lists); !status.ok()) return status;
      }
    }
    return next == end ? absl::OkStatus() : Malformed(row, "bytes after the last element");
  }

  absl::Status Flush(ListColumnBuilder& lists) {
    if (num_pending_ == 0) return absl::OkStatus();
    const size_t count = std::exchange(num_pending_, 0);
    return elements_->Decode(
        {.fields = {pending_.data(), count}, .rows_of = {rows_of_pending_.data(), count}},
        lists.elements());
  }

  const uint32_t element_oid_;
  const std::unique_ptr<ColumnDecoder> elements_;
  std::array<const char*, kMaxRawRows> pending_;
  std::array<int64_t, kMaxRawRows> rows_of_pending_;
  size_t num_pending_ = 0;
};

}  // namespace

std::unique_ptr<ColumnDecoder> MakeListDecoder(const PlannedColumn& column) {
  return std::make_unique<ListDecoder>(column, MakeScalarDecoder(column, column.element_wire));
}

}  // namespace sextant
