#include "compute/exec/batch_columns.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <numeric>
#include <utility>

#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// The text has no code in this batch.
constexpr uint32_t kNoCode = 0xFFFFFFFF;
/// Rows, or texts, that are asked for before they are read.
constexpr size_t kAhead = 16;

ResultTexts TakeTexts(const MetricValues& values, const RowRun& rows) {
  ResultTextBuilder texts;
  for (size_t i = 0; i < rows.count; ++i) {
    values.valid[rows[i]] != 0 ? texts.Append(values.Text(rows[i])) : texts.AppendNull();
  }
  return texts.Take();
}

ResultLists TakeLists(const MetricValues& values, const RowRun& rows) {
  ResultLists lists;
  std::vector<uint32_t> elements;
  lists.offsets.push_back(0);
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t at = values.ListBegin(rows[i]); at < values.ListEnd(rows[i]); ++at) {
      elements.push_back(static_cast<uint32_t>(at));
    }
    lists.offsets.push_back(static_cast<uint32_t>(elements.size()));
  }
  const RowRun run = {0, elements.size(), elements};
  lists.elements = std::make_shared<const ResultValues>(TakeMetric(*values.elements, run));
  return lists;
}

}  // namespace

ResultValues TakeMetric(const MetricValues& values, const RowRun& rows) {
  ResultValues taken;
  taken.type = values.type;
  taken.valid = TakeRows(values.valid.data(), rows);
  switch (values.form) {
    case MetricValues::Form::kInteger:
      taken.values = TakeRows(values.integers.data(), rows);
      break;
    case MetricValues::Form::kFloat:
      taken.values = TakeRows(values.floats.data(), rows);
      break;
    case MetricValues::Form::kWide:
      taken.values = TakeRows(values.wides.data(), rows);
      break;
    case MetricValues::Form::kText:
      taken.values = TakeTexts(values, rows);
      break;
    case MetricValues::Form::kList:
      taken.values = TakeLists(values, rows);
      break;
  }
  return taken;
}

absl::StatusOr<BatchAxis> BatchAxis::Create(const MetricValues& values,
                                            const TrackedVector<uint32_t>& ranks,
                                            MemoryBudget& budget) {
  BatchAxis axis(values, ranks, budget);
  axis.has_null_ =
      values.size() > 0 && std::memchr(values.valid.data(), 0, values.size()) != nullptr;
  if (!axis.has_texts()) return axis;
  SEXTANT_RETURN_IF_ERROR(axis.lengths_.ResizeUninitialized(values.size()));
  SEXTANT_RETURN_IF_ERROR(ForBlocks(values.size(), AskToGoOn, [&](size_t begin, size_t end) {
    for (size_t rank = begin; rank < end; ++rank) {
      axis.lengths_[rank] = static_cast<uint32_t>(values.Text(rank).size());
    }
  }));
  const std::span<const uint32_t> lengths = axis.lengths_.span();
  if (!lengths.empty() && std::count(lengths.begin(), lengths.end(), lengths[0]) ==
                              static_cast<ptrdiff_t>(lengths.size())) {
    axis.num_bytes_of_all_ = lengths[0];
  }
  SEXTANT_RETURN_IF_ERROR(axis.codes_.ResizeUninitialized(values.size()));
  SEXTANT_RETURN_IF_ERROR(FillInBlocks(axis.codes_.span(), kNoCode, AskToGoOn));
  return axis;
}

ResultValues BatchAxis::Take(const RowRun& rows) {
  ResultValues taken;
  taken.type = values_->type;
  if (has_null_) {
    taken.valid = TakeThrough(values_->valid.data(), ranks_->data(), rows);
  } else {
    taken.valid.assign(rows.count, 1);
  }
  switch (values_->form) {
    case MetricValues::Form::kFloat:
      taken.values = TakeThrough(values_->floats.data(), ranks_->data(), rows);
      break;
    case MetricValues::Form::kWide:
      taken.values = TakeThrough(values_->wides.data(), ranks_->data(), rows);
      break;
    case MetricValues::Form::kText:
      taken.values = TakeTexts(rows);
      break;
    default:
      taken.values = TakeThrough(values_->integers.data(), ranks_->data(), rows);
  }
  return taken;
}

/// Of many texts a batch has those of a few ranks, far from one another.
void BatchAxis::AskFor(uint32_t rank) const {
  __builtin_prefetch(codes_.data() + rank, 1);
  __builtin_prefetch(values_->text_ends.data() + rank);
}

size_t BatchAxis::TextBegin(uint32_t rank) const {
  return rank == 0 ? 0 : values_->text_ends[rank - 1];
}

/// NULL, whose rank has an empty text, becomes an entry of the batch like others, if it is there.
ResultTexts BatchAxis::TakeTexts(const RowRun& rows) {
  ResultTexts texts;
  texts.codes = TakeRows(ranks_->data(), rows);
  std::vector<uint32_t> entries;  // their ranks
  entries.reserve(std::min(rows.count, codes_.size()));
  size_t num_bytes = 0;
  uint32_t* const codes = texts.codes.data();
  for (size_t i = 0; i < rows.count; ++i) {
    if (i + kAhead < rows.count) AskFor(codes[i + kAhead]);
    uint32_t& code_of_rank = codes_[codes[i]];
    if (code_of_rank == kNoCode) {
      code_of_rank = static_cast<uint32_t>(entries.size());
      entries.push_back(codes[i]);
      if (!num_bytes_of_all_) num_bytes += lengths_[codes[i]];
    }
    codes[i] = code_of_rank;
  }
  if (num_bytes_of_all_) num_bytes = entries.size() * *num_bytes_of_all_;
  texts.Reserve(entries.size(), num_bytes);
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i + kAhead < entries.size()) {
      __builtin_prefetch(values_->text_bytes.data() + TextBegin(entries[i + kAhead]));
    }
    texts.AddEntry(values_->Text(entries[i]));
    codes_[entries[i]] = kNoCode;
  }
  return texts;
}

}  // namespace sextant
