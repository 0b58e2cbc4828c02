#include "compute/operators/packed_cells.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr unsigned kCodeBits = 32;

/// Of codes below `domain`, or any when that is 0.
uint8_t BitsOf(uint64_t domain) {
  if (domain == 0 || domain > uint64_t{1} << kCodeBits) return kCodeBits;
  return static_cast<uint8_t>(std::bit_width(domain - 1));
}

template <typename Key>
uint32_t TakeLast(Key& key, unsigned bits) {
  const auto code = static_cast<uint32_t>(key) & static_cast<uint32_t>((uint64_t{1} << bits) - 1);
  key >>= bits;
  return code;
}

/// Writes the `bits` of each key that lie behind `shift`.
template <typename Key>
void ReadCodes(std::span<const Key> keys, unsigned shift, unsigned bits,
               uint32_t* __restrict codes) {
  const auto mask = static_cast<uint32_t>((uint64_t{1} << bits) - 1);
  for (size_t k = 0; k < keys.size(); ++k) {
    codes[k] = bits == 0 ? 0 : static_cast<uint32_t>(keys[k] >> shift) & mask;
  }
}

}  // namespace

std::optional<PackedCells> PackedCells::Create(const CellShape& shape, MemoryBudget& budget) {
  std::vector<uint8_t> axis_bits;
  for (const uint64_t domain : shape.domains) axis_bits.push_back(BitsOf(domain));
  const uint8_t interval_bits = BitsOf(std::max<uint32_t>(shape.num_intervals, 1));
  // The highest bit of a wide key is its sign, of which nothing here depends.
  const auto bits = std::accumulate(axis_bits.begin(), axis_bits.end(), size_t{interval_bits});
  if (bits > 128) return std::nullopt;
  return PackedCells(std::move(axis_bits), interval_bits, bits, budget);
}

PackedCells::PackedCells(std::vector<uint8_t> axis_bits, uint8_t interval_bits, size_t num_bits,
                         MemoryBudget& budget)
    : axis_bits_(std::move(axis_bits)),
      interval_bits_(interval_bits),
      form_(std::in_place_type<Form<uint64_t>>, budget) {
  if (num_bits < 32) form_.emplace<Form<uint32_t>>(budget);
  if (num_bits > 64) form_.emplace<Form<int128_t>>(budget);
}

absl::Status PackedCells::Pack(std::span<const uint32_t* const> codes, size_t num_rows) {
  SEXTANT_DCHECK(codes.size() == axis_bits_.size());
  return std::visit(
      [&]<typename Key>(Form<Key>& form) -> absl::Status {
        SEXTANT_RETURN_IF_ERROR(form.batch.ResizeUninitialized(num_rows));
        Key* __restrict keys = form.batch.data();
        std::fill_n(keys, num_rows, Key{0});
        for (size_t axis = 0; axis < codes.size(); ++axis) {
          const uint32_t* __restrict axis_codes = codes[axis];
          const unsigned bits = axis_bits_[axis];
          for (size_t k = 0; k < num_rows; ++k) keys[k] = keys[k] << bits | axis_codes[k];
        }
        return absl::OkStatus();
      },
      form_);
}

absl::Status PackedCells::Find(const uint32_t* rows, const uint32_t* intervals, size_t num_samples,
                               uint32_t* cells) {
  return std::visit(
      [&]<typename Key>(Form<Key>& form) -> absl::Status {
        SEXTANT_RETURN_IF_ERROR(form.samples.ResizeUninitialized(num_samples));
        const Key* __restrict batch = form.batch.data();
        Key* __restrict keys = form.samples.data();
        const unsigned bits = interval_bits_;
        for (size_t k = 0; k < num_samples; ++k) keys[k] = batch[rows[k]] << bits | intervals[k];
        SEXTANT_RETURN_IF_ERROR(form.cells.Reserve(num_samples));
        form.cells.InternMany({keys, num_samples}, cells);
        return absl::OkStatus();
      },
      form_);
}

absl::Status PackedCells::FindSame(const PackedCells& from, uint32_t first, uint32_t count,
                                   uint32_t* cells) {
  return std::visit(
      [&]<typename Key>(Form<Key>& form) -> absl::Status {
        SEXTANT_RETURN_IF_ERROR(form.cells.Reserve(count));
        form.cells.InternMany(std::get<Form<Key>>(from.form_).cells.keys().subspan(first, count),
                              cells);
        return absl::OkStatus();
      },
      form_);
}

uint32_t PackedCells::num_cells() const {
  return std::visit([](const auto& form) { return form.cells.size(); }, form_);
}

uint32_t PackedCells::Decode(uint32_t cell, uint32_t* codes) const {
  return std::visit(
      [&]<typename Key>(const Form<Key>& form) {
        Key key = form.cells.key(cell);
        const uint32_t interval = TakeLast(key, interval_bits_);
        for (size_t axis = axis_bits_.size(); axis-- > 0;) {
          codes[axis] = TakeLast(key, axis_bits_[axis]);
        }
        return interval;
      },
      form_);
}

void PackedCells::DecodeMany(uint32_t first, uint32_t count, std::span<uint32_t* const> codes,
                             uint32_t* intervals) const {
  SEXTANT_DCHECK(codes.size() == axis_bits_.size());
  std::visit(
      [&]<typename Key>(const Form<Key>& form) {
        const std::span<const Key> keys = form.cells.keys().subspan(first, count);
        ReadCodes(keys, 0, interval_bits_, intervals);
        unsigned shift = interval_bits_;
        for (size_t axis = axis_bits_.size(); axis-- > 0;) {
          ReadCodes(keys, shift, axis_bits_[axis], codes[axis]);
          shift += axis_bits_[axis];
        }
      },
      form_);
}

}  // namespace sextant
