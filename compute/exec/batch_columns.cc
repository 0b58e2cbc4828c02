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
/// Of a batch that has all texts, so that these cost little: they may be few, and long.
constexpr size_t kRowsPerText = 8;
constexpr size_t kBytesOfTextsPerRow = 4;

ResultTexts TakeTexts(const MetricValues& values, const RowRun& rows) {
  ResultTextBuilder texts;
  for (size_t i = 0; i < rows.count; ++i) {
    values.valid[rows[i]] != 0 ? texts.Append(values.Text(rows[i])) : texts.AppendNull();
  }
  return texts.Take();
}

std::shared_ptr<const ResultValues> TakeElements(const MetricValues& lists, const RowRun& rows) {
  auto taken = std::make_shared<ResultValues>();
  TakeMetric(*lists.elements, rows, *taken);
  return taken;
}

ResultLists TakeLists(const MetricValues& values, const RowRun& rows) {
  ResultLists lists;
  if (rows.order.empty() && rows.count > 0) {  // their elements lie together
    const size_t begin = values.ListBegin(rows.first);
    lists.offsets.resize(rows.count + 1);
    for (size_t i = 0; i < rows.count; ++i) {
      lists.offsets[i + 1] = static_cast<uint32_t>(values.ListEnd(rows.first + i) - begin);
    }
    const RowRun run = {begin, lists.offsets.back(), {}};
    lists.elements = TakeElements(values, run);
    return lists;
  }
  std::vector<uint32_t> elements;
  lists.offsets.push_back(0);
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t at = values.ListBegin(rows[i]); at < values.ListEnd(rows[i]); ++at) {
      elements.push_back(static_cast<uint32_t>(at));
    }
    lists.offsets.push_back(static_cast<uint32_t>(elements.size()));
  }
  const RowRun run = {0, elements.size(), elements};
  lists.elements = TakeElements(values, run);
  return lists;
}

/// As NumberRanks, of ranks that ascend, as those of a result's first axis do: which is new shows
/// without a table.
std::vector<uint32_t> NumberAscending(std::span<uint32_t> codes) {
  std::vector<uint32_t> ranks(codes.size() + 1);  // one to write to
  uint32_t num_ranks = 0;
  uint32_t last = kNoCode;
  for (uint32_t& code : codes) {
    ranks[num_ranks] = code;
    num_ranks += code != last ? 1 : 0;
    last = code;
    code = num_ranks - 1;
  }
  ranks.resize(num_ranks);
  return ranks;
}

bool Ascend(std::span<const uint32_t> ranks) {
  uint32_t num_falls = 0;
  for (size_t i = 1; i < ranks.size(); ++i) num_falls += ranks[i] < ranks[i - 1] ? 1 : 0;
  return num_falls == 0;
}

/// Makes codes of ranks; returns the ranks of the texts that they stand for. Of many texts a batch
/// has those of a few ranks, far from one another. `code_of_rank`: kNoCode, before and after.
std::vector<uint32_t> NumberRanks(std::span<uint32_t> codes, std::span<uint32_t> code_of_rank) {
  std::vector<uint32_t> ranks(std::min(codes.size(), code_of_rank.size()) + 1);  // one to write to
  uint32_t num_ranks = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (i + kAhead < codes.size()) __builtin_prefetch(code_of_rank.data() + codes[i + kAhead], 1);
    const uint32_t rank = codes[i];
    ranks[num_ranks] = rank;
    const uint32_t known = code_of_rank[rank];
    const bool is_new = known == kNoCode;
    codes[i] = is_new ? num_ranks : known;
    code_of_rank[rank] = codes[i];
    num_ranks += is_new ? 1 : 0;
  }
  ranks.resize(num_ranks);
  for (const uint32_t rank : ranks) code_of_rank[rank] = kNoCode;
  return ranks;
}

}  // namespace

void TakeMetric(const MetricValues& values, const RowRun& rows, ResultValues& taken) {
  taken.type = values.type;
  TakeRows(values.valid.data(), rows, taken.valid);
  switch (values.form) {
    case MetricValues::Form::kInteger:
      TakeRows(values.integers.data(), rows, ValuesAs<std::vector<int64_t>>(taken));
      break;
    case MetricValues::Form::kFloat:
      TakeRows(values.floats.data(), rows, ValuesAs<std::vector<double>>(taken));
      break;
    case MetricValues::Form::kWide:
      TakeRows(values.wides.data(), rows, ValuesAs<std::vector<Wide>>(taken));
      break;
    case MetricValues::Form::kText:
      taken.values = TakeTexts(values, rows);
      break;
    case MetricValues::Form::kList:
      taken.values = TakeLists(values, rows);
      break;
  }
}

absl::StatusOr<BatchAxis> BatchAxis::Create(const MetricValues& values,
                                            const TrackedVector<uint32_t>& ranks,
                                            MemoryBudget& budget) {
  BatchAxis axis(values, ranks, budget);
  axis.has_null_ =
      values.size() > 0 && std::memchr(values.valid.data(), 0, values.size()) != nullptr;
  if (values.form == MetricValues::Form::kInteger && !axis.has_null_ && values.size() > 0) {
    const std::span<const int64_t> integers = values.integers.span();  // ascend
    const auto span = static_cast<uint64_t>(integers.back()) - static_cast<uint64_t>(integers[0]);
    if (span == integers.size() - 1) axis.first_of_dense_ = integers[0];
  }
  if (!axis.has_texts()) return axis;
  SEXTANT_RETURN_IF_ERROR(axis.lengths_.ResizeUninitialized(values.size()));
  SEXTANT_RETURN_IF_ERROR(ForBlocks(values.size(), AskToGoOn, [&](size_t begin, size_t end) {
    for (size_t rank = begin; rank < end; ++rank) {
      axis.lengths_[rank] = static_cast<uint32_t>(values.Text(rank).size());
      axis.num_bytes_of_texts_ += axis.lengths_[rank];
    }
  }));
  const std::span<const uint32_t> lengths = axis.lengths_.span();
  if (!lengths.empty() && std::count(lengths.begin(), lengths.end(), lengths[0]) ==
                              static_cast<ptrdiff_t>(lengths.size())) {
    axis.num_bytes_of_all_ = lengths[0];
  }
  return axis;
}

absl::StatusOr<BatchAxis::Scratch> BatchAxis::MakeScratch(MemoryBudget& budget) const {
  Scratch codes(budget);
  SEXTANT_RETURN_IF_ERROR(codes.ResizeUninitialized(lengths_.size()));
  SEXTANT_RETURN_IF_ERROR(FillInBlocks(codes.span(), kNoCode, AskToGoOn));
  return codes;
}

void BatchAxis::Take(const RowRun& rows, Scratch& codes, ResultValues& taken) const {
  taken.type = values_->type;
  if (has_null_) {
    TakeThrough(values_->valid.data(), ranks_->data(), rows, taken.valid);
  } else {
    taken.valid.assign(rows.count, 1);
  }
  switch (values_->form) {
    case MetricValues::Form::kFloat:
      TakeThrough(values_->floats.data(), ranks_->data(), rows,
                  ValuesAs<std::vector<double>>(taken));
      break;
    case MetricValues::Form::kWide:
      TakeThrough(values_->wides.data(), ranks_->data(), rows, ValuesAs<std::vector<Wide>>(taken));
      break;
    case MetricValues::Form::kText:
      TakeTexts(rows, codes, ValuesAs<ResultTexts>(taken));
      break;
    default:
      TakeIntegers(rows, ValuesAs<std::vector<int64_t>>(taken));
  }
}

void BatchAxis::TakeIntegers(const RowRun& rows, std::vector<int64_t>& taken) const {
  if (!first_of_dense_) return TakeThrough(values_->integers.data(), ranks_->data(), rows, taken);
  const int64_t first = *first_of_dense_;
  TakeMapped(
      ranks_->data(), rows, [first](uint32_t rank) { return first + rank; }, taken);
}

/// NULL, whose rank has an empty text, becomes an entry of the batch like others.
void BatchAxis::TakeTexts(const RowRun& rows, Scratch& codes, ResultTexts& texts) const {
  texts.Clear();
  TakeRows(ranks_->data(), rows, texts.codes);
  std::vector<uint32_t> ranks;
  if (lengths_.size() * kRowsPerText <= rows.count &&
      num_bytes_of_texts_ <= kBytesOfTextsPerRow * rows.count) {
    ranks.resize(lengths_.size());
    std::iota(ranks.begin(), ranks.end(), 0);
  } else {
    ranks =
        Ascend(texts.codes) ? NumberAscending(texts.codes) : NumberRanks(texts.codes, codes.span());
  }
  CopyTexts(ranks, texts);
}

void BatchAxis::CopyTexts(std::span<const uint32_t> ranks, ResultTexts& texts) const {
  if (!ranks.empty() && Ascend(ranks) && ranks.back() - ranks[0] == ranks.size() - 1) {
    const std::span<const uint64_t> ends = values_->text_ends.span();
    const uint64_t begin = ranks[0] == 0 ? 0 : ends[ranks[0] - 1];
    return texts.AddRun(values_->text_bytes.data() + begin, ends.subspan(ranks[0], ranks.size()),
                        begin);
  }
  if (num_bytes_of_all_) {
    return texts.AddEqualLengths(values_->text_bytes.data(), *num_bytes_of_all_, ranks);
  }
  size_t num_bytes = 0;
  for (const uint32_t rank : ranks) num_bytes += lengths_[rank];
  texts.Reserve(ranks.size(), num_bytes);
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (i + kAhead < ranks.size()) {
      const uint32_t next = ranks[i + kAhead];
      __builtin_prefetch(values_->text_bytes.data() + values_->text_ends[next] - lengths_[next]);
    }
    texts.AddEntry(values_->Text(ranks[i]));
  }
}

}  // namespace sextant
