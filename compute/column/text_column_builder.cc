#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/column_builder_kinds.h"
#include "compute/column/repeat_watch.h"
#include "compute/column/string_store.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// A dictionary pays where fewer than half of these values differ (measured: 9 to 12 ns per value
/// and codes to filter by, against 25 to 41 ns where most values differ and bytes cost 10); else
/// RepeatWatch looks on.
constexpr size_t kDecisionValues = 8192;
constexpr size_t kRewriteRows = 128;

/// Writes the codes of the texts of rows, which it adds to the dictionary. `valid` as in
/// ColumnBuilder.
template <typename TextOf>
absl::Status EncodeRows(size_t num_rows, std::span<const uint64_t> valid, TextOf text_of,
                        Dictionary& dictionary, CodeStore& codes) {
  std::array<std::string_view, kRewriteRows> texts;
  for (size_t begin = 0; begin < num_rows; begin += kRewriteRows) {
    const size_t count = std::min(kRewriteRows, num_rows - begin);
    for (size_t i = 0; i < count; ++i) texts[i] = text_of(begin + i);
    SEXTANT_ASSIGN_OR_RETURN(const std::span<uint32_t> added, codes.Extend(count));
    SEXTANT_RETURN_IF_ERROR(dictionary.FindOrAppendBatch(
        std::span(texts).first(count), valid.empty() ? valid : valid.subspan(begin / 64), added));
  }
  return absl::OkStatus();
}

class TextColumnBuilder final : public StringColumnBuilder {
 public:
  TextColumnBuilder(DataType type, TextSwitch allowed, std::shared_ptr<Dictionary> dictionary,
                    MemoryBudget& budget)
      : type_(type),
        allowed_(allowed),
        budget_(&budget),
        dictionary_(std::move(dictionary)),
        codes_(budget),
        strings_(budget),
        validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  size_t variable_bytes() const override { return strings_.size_bytes() + undecided_bytes_; }
  Layout layout() const override { return dictionary_ == nullptr ? Layout::kBytes : Layout::kCode; }
  std::shared_ptr<const Dictionary> dictionary() const override {
    return decided_ ? dictionary_ : nullptr;
  }

  absl::Status Append(std::span<const std::string_view> values,
                      std::span<const uint64_t> valid) override {
    size_t num_coded = 0;
    while (!decided_ && num_coded < values.size()) {
      SEXTANT_RETURN_IF_ERROR(
          AppendUndecided(values[num_coded], valid.empty() || TestBit(valid, num_coded)));
      ++num_coded;
    }
    if (num_coded == 0) return AppendDecided(values, valid);
    // The rest of the batch in which the decision fell: its bitmap does not start at a word.
    for (; num_coded < values.size(); ++num_coded) {
      const uint64_t is_valid = valid.empty() || TestBit(valid, num_coded) ? 1 : 0;
      SEXTANT_RETURN_IF_ERROR(AppendDecided(values.subspan(num_coded, 1), {&is_valid, 1}));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    if (!decided_) SEXTANT_RETURN_IF_ERROR(Decide());
    if (watch_ && watch_->pays()) SEXTANT_RETURN_IF_ERROR(GoOverToCodes());
    if (allowed_ == TextSwitch::kFirstChunk) EndWatch();
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->num_rows = num_rows();
    parts->zone_map.null_count = validity_.null_count();
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    if (dictionary_ == nullptr) {
      SEXTANT_RETURN_IF_ERROR(strings_.Seal(*parts));
    } else {
      SEXTANT_RETURN_IF_ERROR(codes_.Seal(validity_.words(), *parts));
    }
    validity_.Clear();
    return parts;
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Recode(const Column& sealed) override {
    SEXTANT_CHECK(dictionary_ != nullptr && sealed.layout() == Layout::kBytes);
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->num_rows = sealed.num_rows();
    parts->zone_map.null_count = sealed.zone_map().null_count;
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, CopyToBuffer(sealed.validity(), *budget_));
    CodeStore codes(*budget_);
    const auto text_of = [&](size_t row) { return sealed.BytesAt(static_cast<uint32_t>(row)); };
    SEXTANT_RETURN_IF_ERROR(
        EncodeRows(sealed.num_rows(), sealed.validity(), text_of, *dictionary_, codes));
    SEXTANT_RETURN_IF_ERROR(codes.Seal(sealed.validity(), *parts));
    return parts;
  }

 private:
  absl::Status AppendUndecided(std::string_view value, bool is_valid) {
    const uint64_t valid = is_valid ? 1 : 0;
    SEXTANT_RETURN_IF_ERROR(AppendDecided({&value, 1}, {&valid, 1}));
    num_values_ += valid;
    if (is_valid) undecided_bytes_ += value.size();
    // Half of them differing already settles it.
    const bool settled = size_t{dictionary_->size()} * 2 >= kDecisionValues;
    return num_values_ == kDecisionValues || settled ? Decide() : absl::OkStatus();
  }

  absl::Status AppendDecided(std::span<const std::string_view> values,
                             std::span<const uint64_t> valid) {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(values.size(), valid));
    if (dictionary_ == nullptr) {
      SEXTANT_RETURN_IF_ERROR(Watch(values, valid));
      return strings_.Append(values, valid);
    }
    SEXTANT_ASSIGN_OR_RETURN(const std::span<uint32_t> codes, codes_.Extend(values.size()));
    return dictionary_->FindOrAppendBatch(values, valid, codes);
  }

  absl::Status Decide() {
    const size_t num_distinct = dictionary_->size();
    decided_ = true;
    undecided_bytes_ = 0;
    if (num_distinct == 0 || num_distinct * 2 < num_values_) return absl::OkStatus();
    return GoOverToBytes();
  }

  absl::Status GoOverToBytes() {
    const std::span<const uint32_t> codes = codes_.codes();
    const std::span<const uint64_t> valid = validity_.words();
    std::array<std::string_view, kRewriteRows> entries;
    for (size_t begin = 0; begin < codes.size(); begin += kRewriteRows) {
      const size_t count = std::min(kRewriteRows, codes.size() - begin);
      for (size_t i = 0; i < count; ++i) {
        const bool is_null = !valid.empty() && !TestBit(valid, begin + i);
        entries[i] = is_null ? std::string_view() : dictionary_->Entry(codes[begin + i]);
      }
      SEXTANT_RETURN_IF_ERROR(strings_.Append(std::span(entries).first(count), {}));
    }
    codes_ = CodeStore(*budget_);
    dictionary_ = nullptr;
    is_watching_ = true;
    return absl::OkStatus();
  }

  /// The values of small columns are not worth it.
  absl::Status Watch(std::span<const std::string_view> values, std::span<const uint64_t> valid) {
    if (!is_watching_) return absl::OkStatus();
    num_plain_rows_ += values.size();
    if (num_plain_rows_ < kDecisionValues) return absl::OkStatus();
    if (!watch_) {
      SEXTANT_ASSIGN_OR_RETURN(watch_, RepeatWatch::Create(*budget_));
    }
    if (!watch_->is_over()) watch_->Add(values, valid);
    if (watch_->is_over() && !watch_->pays()) EndWatch();
    return absl::OkStatus();
  }

  void EndWatch() {
    is_watching_ = false;
    watch_.reset();
  }

  /// Later chunks are coded from their first row on; of earlier ones see Recode.
  absl::Status GoOverToCodes() {
    SEXTANT_ASSIGN_OR_RETURN(dictionary_, Dictionary::Create(*budget_));
    SEXTANT_RETURN_IF_ERROR(EncodeRows(
        num_rows(), validity_.words(), [this](size_t row) { return strings_.Row(row); },
        *dictionary_, codes_));
    strings_ = StringStore(*budget_);
    EndWatch();
    return absl::OkStatus();
  }

  const DataType type_;
  const TextSwitch allowed_;
  MemoryBudget* const budget_;
  std::shared_ptr<Dictionary> dictionary_;  // null while bytes
  bool decided_ = false;
  size_t num_values_ = 0;  // not NULL, while undecided
  size_t undecided_bytes_ = 0;
  bool is_watching_ = false;          // while bytes: repeats may still show
  size_t num_plain_rows_ = 0;         // while is_watching_
  std::optional<RepeatWatch> watch_;  // of as many rows as make it worth while
  CodeStore codes_;                   // while dictionary_
  StringStore strings_;               // else
  ValidityBuilder validity_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeTextColumnBuilder(DataType type,
                                                                     TextSwitch allowed,
                                                                     MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<Dictionary> dictionary, Dictionary::Create(budget));
  return std::make_unique<TextColumnBuilder>(type, allowed, std::move(dictionary), budget);
}

}  // namespace sextant
