#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compute/kernels/copy_text.h"

namespace sextant {

/// The texts of a column of a batch, each distinct one once: row i has entry codes[i]. A NULL has
/// any code, also where there is no entry; an entry may be of NULLs only, and then be the text of
/// another, or of no row.
class ResultTexts {
 public:
  ResultTexts() = default;
  /// A row each. Not explicit: a list of texts is what this is.
  ResultTexts(const std::vector<std::string>& texts);

  size_t num_rows() const { return codes.size(); }
  size_t num_entries() const { return ends_.size(); }
  std::string_view entry(size_t code) const {
    const size_t begin = code == 0 ? 0 : ends_[code - 1];
    return std::string_view(bytes_).substr(begin, ends_[code] - begin);
  }
  /// Of a row. REQUIRES: it is not NULL.
  std::string_view operator[](size_t row) const { return entry(codes[row]); }

  /// Takes all rows and entries out; their room stays.
  void Clear() {
    codes.clear();
    ends_.clear();
  }
  /// Room for entries of so many bytes in all.
  void Reserve(size_t num_entries, size_t num_bytes) {
    ends_.reserve(num_entries);
    bytes_.resize(std::max(bytes_.size(), num_bytes));
  }
  /// Returns the code of the new entry. REQUIRES: no other is the same text.
  uint32_t AddEntry(std::string_view text) {
    const size_t begin = ends_.empty() ? 0 : ends_.back();
    if (begin + text.size() > bytes_.size()) bytes_.resize(begin + text.size());
    CopyText(text, bytes_.data() + begin);
    ends_.push_back(begin + text.size());
    return static_cast<uint32_t>(ends_.size()) - 1;
  }

  /// Adds entries of `length` bytes each: entry number i is that at `texts` + which[i] * length.
  /// REQUIRES: there is none yet, and these differ.
  void AddEqualLengths(const char* texts, size_t length, std::span<const uint32_t> which) {
    constexpr size_t kAhead = 16;
    bytes_.resize(which.size() * length);
    ends_.resize(which.size());
    char* to = bytes_.data();
    for (size_t i = 0; i < which.size(); ++i, to += length) {
      if (i + kAhead < which.size()) __builtin_prefetch(texts + which[i + kAhead] * length);
      CopyText({texts + which[i] * length, length}, to);
      ends_[i] = (i + 1) * length;
    }
  }

  /// Adds entries that lie one after another: entry number i ends at bytes + ends[i] - begin.
  /// REQUIRES: there is none yet, and these differ.
  void AddRun(const char* bytes, std::span<const uint64_t> ends, uint64_t begin) {
    if (ends.empty()) return;
    bytes_.assign(bytes, ends.back() - begin);
    ends_.resize(ends.size());
    for (size_t i = 0; i < ends.size(); ++i) ends_[i] = ends[i] - begin;
  }

  std::vector<uint32_t> codes;  // one per row

 private:
  std::string bytes_;  // of all entries, and maybe room behind them
  std::vector<size_t> ends_;
};

/// Makes the texts of rows that may be equal, by a look-up each. The texts it is given must outlive
/// it.
class ResultTextBuilder {
 public:
  void Append(std::string_view text) {
    const auto [entry, is_new] =
        codes_.try_emplace(text, static_cast<uint32_t>(texts_.num_entries()));
    if (is_new) texts_.AddEntry(text);
    texts_.codes.push_back(entry->second);
  }
  void AppendNull() { texts_.codes.push_back(0); }
  ResultTexts Take() { return std::move(texts_); }

 private:
  ResultTexts texts_;
  absl::flat_hash_map<std::string_view, uint32_t> codes_;
};

inline ResultTexts::ResultTexts(const std::vector<std::string>& texts) {
  ResultTextBuilder builder;
  for (const std::string& text : texts) builder.Append(text);
  *this = builder.Take();
}

}  // namespace sextant
