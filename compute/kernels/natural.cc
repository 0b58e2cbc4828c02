#include "compute/kernels/natural.h"

#include <bit>

#include "compute/memory/check.h"

namespace sextant {
namespace {

/// a -= digit * b over `count` limbs and one more; returns whether it went below zero (and then is
/// 2^(64 * (count + 1)) too great).
bool SubtractProduct(uint64_t* a, const uint64_t* b, int count, uint64_t digit) {
  uint64_t carry = 0;
  uint64_t borrow = 0;
  for (int i = 0; i <= count; ++i) {
    const uint128_t product = uint128_t{digit} * (i < count ? b[i] : 0) + carry;
    carry = static_cast<uint64_t>(product >> 64);
    const auto low = static_cast<uint64_t>(product);
    const uint64_t without_borrow = a[i] - low;
    const uint64_t next_borrow = (a[i] < low ? 1 : 0) + (without_borrow < borrow ? 1 : 0);
    a[i] = without_borrow - borrow;
    borrow = next_borrow;
  }
  return borrow != 0;
}

/// a += b over as many limbs; returns the carry out.
bool AddBack(uint64_t* a, const uint64_t* b, int count) {
  uint64_t carry = 0;
  for (int i = 0; i <= count; ++i) {
    const uint128_t sum = uint128_t{a[i]} + (i < count ? b[i] : 0) + carry;
    a[i] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
  return carry != 0;
}

}  // namespace

int Natural::NumLimbs() const {
  int count = kLimbs;
  while (count > 0 && limbs_[static_cast<size_t>(count) - 1] == 0) --count;
  return count;
}

int Natural::BitWidth() const {
  const int count = NumLimbs();
  if (count == 0) return 0;
  return 64 * (count - 1) +
         static_cast<int>(std::bit_width(limbs_[static_cast<size_t>(count) - 1]));
}

Natural& Natural::operator+=(const Natural& other) {
  uint64_t carry = 0;
  for (size_t i = 0; i < kLimbs; ++i) {
    const uint128_t sum = uint128_t{limbs_[i]} + other.limbs_[i] + carry;
    limbs_[i] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
  SEXTANT_DCHECK(carry == 0);
  return *this;
}

Natural& Natural::operator-=(const Natural& other) {
  SEXTANT_DCHECK(other <= *this);
  uint64_t borrow = 0;
  for (size_t i = 0; i < kLimbs; ++i) {
    const uint128_t taken = uint128_t{other.limbs_[i]} + borrow;
    borrow = limbs_[i] < taken ? 1 : 0;
    limbs_[i] = static_cast<uint64_t>(limbs_[i] - taken);
  }
  return *this;
}

Natural operator*(const Natural& a, const Natural& b) {
  const auto a_limbs = static_cast<size_t>(a.NumLimbs());
  const auto b_limbs = static_cast<size_t>(b.NumLimbs());
  Natural product;
  for (size_t i = 0; i < a_limbs; ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b_limbs || carry != 0; ++j) {
      if (i + j >= Natural::kLimbs) {
        SEXTANT_DCHECK(carry == 0 && (j >= b_limbs || b.limbs_[j] == 0));
        break;
      }
      const uint128_t sum =
          uint128_t{a.limbs_[i]} * (j < b_limbs ? b.limbs_[j] : 0) + product.limbs_[i + j] + carry;
      product.limbs_[i + j] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
  }
  return product;
}

Natural Natural::ShiftedLeft(int bits) const {
  SEXTANT_DCHECK(BitWidth() + bits <= static_cast<int>(64 * kLimbs));
  const auto whole = static_cast<size_t>(bits / 64);
  const int rest = bits % 64;
  Natural shifted;
  for (size_t i = kLimbs; i-- > whole;) {
    shifted.limbs_[i] = limbs_[i - whole] << rest;
    if (rest != 0 && i > whole) shifted.limbs_[i] |= limbs_[i - whole - 1] >> (64 - rest);
  }
  return shifted;
}

std::strong_ordering operator<=>(const Natural& a, const Natural& b) {
  for (size_t i = Natural::kLimbs; i-- > 0;) {
    if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] <=> b.limbs_[i];
  }
  return std::strong_ordering::equal;
}

/// Knuth, The Art of Computer Programming, volume 2, algorithm D, in base 2^64.
Natural::Division Natural::DividedBy(const Natural& divisor) const {
  const int divisor_limbs = divisor.NumLimbs();
  SEXTANT_CHECK(divisor_limbs > 0);
  const int shift = std::countl_zero(divisor.limbs_[static_cast<size_t>(divisor_limbs) - 1]);
  const Natural scaled = divisor.ShiftedLeft(shift);
  std::array<uint64_t, kLimbs + 1> rest{};  // the dividend, scaled likewise
  for (size_t i = 0; i < kLimbs; ++i) {
    rest[i] |= limbs_[i] << shift;
    if (shift != 0) rest[i + 1] = limbs_[i] >> (64 - shift);
  }
  const uint64_t top = scaled.limbs_[static_cast<size_t>(divisor_limbs) - 1];
  Division result;
  for (int place = static_cast<int>(kLimbs) - divisor_limbs; place >= 0; --place) {
    uint64_t* const window = rest.data() + place;
    const uint128_t head = uint128_t{window[divisor_limbs]} << 64 | window[divisor_limbs - 1];
    if (head == 0) continue;
    // At most two above the digit, as the top limb of the divisor has its highest bit set.
    const uint128_t estimate = head / top;
    uint64_t digit = estimate >> 64 != 0 ? ~uint64_t{0} : static_cast<uint64_t>(estimate);
    bool is_negative = SubtractProduct(window, scaled.limbs_.data(), divisor_limbs, digit);
    while (is_negative) {
      --digit;
      is_negative = !AddBack(window, scaled.limbs_.data(), divisor_limbs);
    }
    if (digit == 0) continue;
    SEXTANT_CHECK(place < 2) << "the quotient takes more than 128 bits";
    result.quotient |= uint128_t{digit} << (64 * place);
  }
  for (const uint64_t limb : rest) result.has_remainder = result.has_remainder || limb != 0;
  return result;
}

}  // namespace sextant
