#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "compute/kernels/bin_sort.h"
#include "compute/kernels/checked_sort.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {

/// Numbers of texts, which order as their bytes do (rule 7): of the bytes behind what all texts
/// begin with, one after another, each in as many bits as tell apart what texts have there, the end
/// of a text being the least. Digits take 4 bits, letters 5, so that most names are told whole.
class TextKeys {
 public:
  /// Of texts that have the first `prefix_size` bytes in common.
  explicit TextKeys(size_t prefix_size) : prefix_size_(prefix_size) {}

  /// Called with every text, before Finish; then come KeyOf and Write.
  void Add(std::string_view text) {
    const Window window = WindowOf(text);
    const Lanes lanes = std::bit_cast<Lanes>(window);
    const Lanes less = lanes - 1;  // of no byte: 0xFF
    least_ = less < least_ ? less : least_;
    most_ = lanes > most_ ? lanes : most_;
    const size_t size = text.size() - prefix_size_;
    most_size_ = std::max(most_size_, size);
    have_zeros_ |= NumBytes(window) != std::min(size, kWindow);
  }
  void Finish() {
    offsets_ = std::bit_cast<Window>(least_);
    for (size_t i = 0; i < kWindow && most_[LaneOf(i)] != 0; ++i) {
      const int bits = std::bit_width(static_cast<unsigned>(most_[LaneOf(i)] - least_[LaneOf(i)]));
      if (num_bits_ + bits > 64) break;
      num_bits_ += bits;
      places_[num_bytes_++] = {
          .from = 56 - 8 * static_cast<int>(i % 8), .to = 0, .mask = (uint64_t{1} << bits) - 1};
    }
    int behind = num_bits_;
    for (size_t i = 0; i < num_bytes_; ++i) {
      places_[i].to = behind -= std::bit_width(places_[i].mask);
    }
    are_whole_ = num_bytes_ == most_size_ && !have_zeros_;
  }

  uint64_t KeyOf(std::string_view text) const {
    Window codes = WindowOf(text);
    for (size_t half = 0; half < 2; ++half) codes[half] -= offsets_[half] & MaskOf(codes[half]);
    uint64_t key = 0;
    for (size_t i = 0; i < num_bytes_; ++i) {
      const Place& place = places_[i];
      key |= (codes[i / 8] >> place.from & place.mask) << place.to;
    }
    return key;
  }
  /// Writes what KeyOf read, and zeros behind it: kWindow bytes in all. Returns how many were read.
  /// REQUIRES: are_whole().
  size_t Write(uint64_t key, char* to) const {
    Window window = {};
    for (size_t i = 0; i < num_bytes_; ++i) {
      const Place& place = places_[i];
      window[i / 8] |= (key >> place.to & place.mask) << place.from;
    }
    for (size_t half = 0; half < 2; ++half) {
      window[half] += offsets_[half] & MaskOf(window[half]);
      const uint64_t bytes = __builtin_bswap64(window[half]);
      std::memcpy(to + 8 * half, &bytes, sizeof(bytes));
    }
    return NumBytes(window);
  }

  static constexpr size_t kWindow = 16;

  size_t prefix_size() const { return prefix_size_; }
  /// How many bytes behind the prefix decide a key.
  size_t num_bytes() const { return num_bytes_; }
  int num_bits() const { return num_bits_; }
  /// A text is the prefix, and what its key says.
  bool are_whole() const { return are_whole_; }

 private:
  static_assert(std::endian::native == std::endian::little);

  /// The bytes behind the prefix, the first one highest; zeros behind the end of the text.
  using Window = std::array<uint64_t, 2>;
  using Lanes [[gnu::vector_size(16)]] = uint8_t;
  /// Of a byte: how far its bits are shifted in its half of the window, and in the key.
  struct Place {
    int from = 0;
    int to = 0;
    uint64_t mask = 0;
  };

  static size_t LaneOf(size_t byte) { return byte < 8 ? 7 - byte : 23 - byte; }

  static uint64_t WordAt(const char* bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    return __builtin_bswap64(word);
  }
  Window WindowOf(std::string_view text) const {
    const size_t size = text.size() - prefix_size_;
    const char* const bytes = text.data() + prefix_size_;
    if (size >= kWindow) return {WordAt(bytes), WordAt(bytes + 8)};
    if (size > 8) return {WordAt(bytes), WordAt(bytes + size - 8) << (8 * (kWindow - size))};
    if (size == 0) return {};
    if (text.size() >= 8) return {WordAt(bytes + size - 8) << (8 * (8 - size)), 0};
    uint64_t word = 0;
    for (size_t i = 0; i < size; ++i) {
      word |= uint64_t{static_cast<uint8_t>(bytes[i])} << (56 - 8 * i);
    }
    return {word, 0};
  }

  /// The highest bits of bytes that are not zero.
  static uint64_t BytesThere(uint64_t word) {
    constexpr uint64_t kLow = 0x7f7f7f7f7f7f7f7f;
    return (((word & kLow) + kLow) | word) & ~kLow;
  }
  /// All bits of these.
  static uint64_t MaskOf(uint64_t word) { return (BytesThere(word) >> 7) * 255; }
  static size_t NumBytes(const Window& window) {
    return static_cast<size_t>(std::popcount(BytesThere(window[0])) +
                               std::popcount(BytesThere(window[1])));
  }

  size_t prefix_size_;
  Lanes least_ = ~Lanes{};  // of the bytes there, less 1
  Lanes most_ = {};
  size_t most_size_ = 0;
  bool have_zeros_ = false;  // some text has a byte there that is zero
  Window offsets_ = {};      // what codes are less than bytes
  std::array<Place, kWindow> places_;
  size_t num_bytes_ = 0;
  int num_bits_ = 0;
  bool are_whole_ = false;
};

/// Sorts items by their texts, bytewise (rule 7), those of equal texts by the item: by TextKeys,
/// and where these are equal by those of the bytes behind, and so on. text_of(item) is the text.
/// Afterwards items whose keys differ have other texts. Cost: about 30 ns a text that its key tells
/// whole. Errors: those of `keep_going`, RESOURCE_EXHAUSTED (as much memory again, from `budget`).
template <typename TextOf>
class TextSorter {
 public:
  TextSorter(MemoryBudget& budget, KeepGoing keep_going, TextOf text_of)
      : budget_(budget),
        keep_going_(keep_going),
        pace_(keep_going, kTextsPerCheck),
        text_of_(text_of),
        keys_(0) {}

  absl::Status Sort(std::span<KeyedItem> items) {
    if (items.empty()) return absl::OkStatus();
    SEXTANT_RETURN_IF_ERROR(Measure(items));
    num_bytes_ = facts_.num_bytes;
    SEXTANT_ASSIGN_OR_RETURN(keys_, MakeKeys(items));
    return SortByKeys(items, keys_);
  }

  /// After Sort: of all texts.
  const TextKeys& keys() const { return keys_; }
  size_t num_bytes() const { return num_bytes_; }

 private:
  static constexpr size_t kTextsPerCheck = size_t{1} << 14;
  /// Runs of equal keys up to this long are sorted by comparisons.
  static constexpr size_t kShortRun = 16;
  /// Keys of keys: of texts each of which begins with the one before, every level reads nearly all.
  static constexpr int kMaxDepth = 8;

  struct Facts {
    size_t prefix_size = 0;
    size_t most_size = 0;
    size_t num_bytes = 0;
  };

  static size_t CommonPrefix(std::string_view a, std::string_view b, size_t limit) {
    limit = std::min({limit, a.size(), b.size()});
    return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + limit, b.begin()).first -
                               a.begin());
  }

  /// Calls body(item), and asks in between whether to go on.
  template <typename Items, typename Body>
  absl::Status ForItems(Items items, Body body) {
    return ForBlocks(items.size(), keep_going_, [&](size_t begin, size_t end) {
      for (auto& one : items.subspan(begin, end - begin)) body(one);
    });
  }

  absl::Status Measure(std::span<const KeyedItem> items) {
    const std::string_view first = text_of_(items[0].item);
    Facts facts = {first.size(), first.size(), 0};
    SEXTANT_RETURN_IF_ERROR(ForItems(items, [&](const KeyedItem& one) {
      const std::string_view text = text_of_(one.item);
      facts.prefix_size = CommonPrefix(first, text, facts.prefix_size);
      facts.most_size = std::max(facts.most_size, text.size());
      facts.num_bytes += text.size();
    }));
    facts_ = facts;
    return absl::OkStatus();
  }

  /// REQUIRES: facts_ are of `items`.
  absl::StatusOr<TextKeys> MakeKeys(std::span<KeyedItem> items) {
    TextKeys keys(facts_.prefix_size);
    SEXTANT_RETURN_IF_ERROR(
        ForItems(items, [&](const KeyedItem& one) { keys.Add(text_of_(one.item)); }));
    keys.Finish();
    SEXTANT_RETURN_IF_ERROR(
        ForItems(items, [&](KeyedItem& one) { one.key = keys.KeyOf(text_of_(one.item)); }));
    return keys;
  }

  absl::Status SortByKeys(std::span<KeyedItem> items, const TextKeys& keys) {
    const int place_bits = std::bit_width(items.size() - 1);
    SEXTANT_RETURN_IF_ERROR(keys.num_bits() + place_bits < 64
                                ? SortNumbers(items, place_bits)
                                : SortManyKeys(items, budget_, keep_going_));
    return keys.are_whole() ? absl::OkStatus() : SortRuns(items, keys);
  }

  /// Where a key and the place of its item are one number: half as much to move.
  absl::Status SortNumbers(std::span<KeyedItem> items, int place_bits) {
    TrackedVector<int64_t> numbers(budget_);
    TrackedVector<uint64_t> by_place(budget_);
    SEXTANT_RETURN_IF_ERROR(numbers.ResizeUninitialized(items.size()));
    SEXTANT_RETURN_IF_ERROR(by_place.ResizeUninitialized(items.size()));
    SEXTANT_RETURN_IF_ERROR(ForBlocks(items.size(), keep_going_, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        numbers[i] = static_cast<int64_t>(items[i].key << place_bits | i);
        by_place[i] = items[i].item;
      }
    }));
    SEXTANT_RETURN_IF_ERROR(SortManyKeys(numbers.span(), budget_, keep_going_));
    const uint64_t mask = (uint64_t{1} << place_bits) - 1;
    return ForBlocks(items.size(), keep_going_, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const auto number = static_cast<uint64_t>(numbers[i]);
        items[i] = {.item = by_place[number & mask], .key = number >> place_bits};
      }
    });
  }

  absl::Status SortRuns(std::span<KeyedItem> items, const TextKeys& keys) {
    for (size_t begin = 0; begin < items.size();) {
      size_t end = begin + 1;
      while (end < items.size() && items[end].key == items[begin].key) ++end;
      SEXTANT_RETURN_IF_ERROR(pace_.Spend(end - begin));
      SEXTANT_RETURN_IF_ERROR(SortRun(items.subspan(begin, end - begin), keys));
      begin = end;
    }
    return absl::OkStatus();
  }

  absl::Status SortRun(std::span<KeyedItem> run, const TextKeys& keys) {
    if (run.size() == 1) return absl::OkStatus();
    const auto less = [this](const KeyedItem& a, const KeyedItem& b) {
      const int order = text_of_(a.item).compare(text_of_(b.item));
      return order != 0 ? order < 0 : a.item < b.item;
    };
    if (run.size() <= kShortRun) {
      std::sort(run.begin(), run.end(), less);
      return absl::OkStatus();
    }
    SEXTANT_RETURN_IF_ERROR(Measure(run));
    if (facts_.prefix_size == facts_.most_size) return absl::OkStatus();  // all are equal
    // Of some the key went beyond the end, and others have zeros there.
    const bool has_gone_on =
        keys.num_bytes() > 0 && facts_.prefix_size >= keys.prefix_size() + keys.num_bytes();
    if (!has_gone_on || depth_ == kMaxDepth) {
      return SortWithChecks(run, less, budget_, keep_going_);
    }
    SEXTANT_ASSIGN_OR_RETURN(const TextKeys next, MakeKeys(run));
    ++depth_;
    const absl::Status status = SortByKeys(run, next);
    --depth_;
    return status;
  }

  MemoryBudget& budget_;
  const KeepGoing keep_going_;
  Pace pace_;
  const TextOf text_of_;
  Facts facts_;    // of the items at hand
  int depth_ = 0;  // of their keys
  // Of all items.
  TextKeys keys_;
  size_t num_bytes_ = 0;
};

}  // namespace sextant
