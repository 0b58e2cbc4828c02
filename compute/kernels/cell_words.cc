#include "compute/kernels/cell_words.h"

#include <bit>
#include <cstring>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr uint32_t kWays = CellForm::kWays;

void AddFloat(uint64_t& bits, double addend) {
  bits = std::bit_cast<uint64_t>(std::bit_cast<double>(bits) + addend);
}

/// Two words side by side, added in one step.
void AddPair(uint64_t* words, uint64_t first, uint64_t second) {
  typedef uint64_t Pair __attribute__((vector_size(16)));
  Pair pair;
  std::memcpy(&pair, words, sizeof(pair));
  pair += Pair{first, second};
  std::memcpy(words, &pair, sizeof(pair));
}

/// The loops of one form: all its sizes are known to the compiler.
template <size_t kWords, size_t kFloats>
struct FormLoops {
  static constexpr size_t kStride = kWords + kFloats;

  template <size_t kCellWays>
  static void Add(const CellAddends& addends, std::span<const uint32_t> cell_of,
                  uint64_t* __restrict table) {
    const uint32_t* __restrict cells = cell_of.data();
    const std::array<const uint64_t*, CellForm::kMaxWords> words = addends.words;
    const std::array<const double*, CellForm::kMaxFloats> floats = addends.floats;
    const std::array<const double*, CellForm::kMaxFloats> coming = addends.coming;
    const size_t num_coming = addends.num_coming;
    const size_t count = cell_of.size();
    const auto add = [&](size_t k, size_t way) {
      uint64_t* const cell = table + size_t{cells[k]} * (kCellWays * kStride);
      uint64_t* const own = cell + way % kCellWays * kStride;
      for (size_t w = 0; w + 1 < kWords; w += 2) AddPair(own + w, words[w][k], words[w + 1][k]);
      if constexpr (kWords % 2 == 1) own[kWords - 1] += words[kWords - 1][k];
      for (size_t f = 0; f < kFloats; ++f) AddFloat(cell[kWords + f], floats[f][k]);
    };
    const size_t num_whole = count - count % kWays;
    if (num_coming == 0) {
      for (size_t k = 0; k < num_whole; k += kWays) {
        for (size_t way = 0; way < kWays; ++way) add(k + way, way);
      }
    } else {
      for (size_t k = 0; k < num_whole; k += kWays) {
        for (size_t c = 0; c < num_coming; ++c) __builtin_prefetch(coming[c] + k);
        for (size_t way = 0; way < kWays; ++way) add(k + way, way);
      }
    }
    for (size_t k = num_whole; k < count; ++k) add(k, k - num_whole);
  }

  static void Fold(size_t num_cells, uint64_t* table) {
    for (size_t cell = 0; cell < num_cells; ++cell) {
      const uint64_t* const ways = table + cell * kWays * kStride;
      std::array<uint64_t, kStride> folded;
      for (size_t i = 0; i < kStride; ++i) folded[i] = ways[i];
      for (size_t way = 1; way < kWays; ++way) {
        for (size_t w = 0; w < kWords; ++w) folded[w] += ways[way * kStride + w];
      }
      for (size_t i = 0; i < kStride; ++i) table[cell * kStride + i] = folded[i];
    }
  }

  static void Merge(const uint64_t* __restrict from, std::span<const uint32_t> cell_map,
                    uint64_t* __restrict into) {
    const uint32_t* __restrict cells = cell_map.data();
    for (size_t c = 0; c < cell_map.size(); ++c) {
      uint64_t* const cell = into + size_t{cells[c]} * kStride;
      const uint64_t* const added = from + c * kStride;
      for (size_t w = 0; w < kWords; ++w) cell[w] += added[w];
      for (size_t f = 0; f < kFloats; ++f) {
        AddFloat(cell[kWords + f], std::bit_cast<double>(added[kWords + f]));
      }
    }
  }
};

struct Loops {
  void (*add)(const CellAddends&, std::span<const uint32_t>, uint64_t*);
  void (*add_spread)(const CellAddends&, std::span<const uint32_t>, uint64_t*);
  void (*fold)(size_t, uint64_t*);
  void (*merge)(const uint64_t*, std::span<const uint32_t>, uint64_t*);
};

constexpr size_t kNumFloatForms = CellForm::kMaxFloats + 1;

/// Form number i has i / kNumFloatForms + 1 words and i % kNumFloatForms floats.
template <size_t... kForms>
constexpr std::array<Loops, sizeof...(kForms)> MakeLoops(std::index_sequence<kForms...>) {
  return {
      Loops{FormLoops<kForms / kNumFloatForms + 1, kForms % kNumFloatForms>::template Add<1>,
            FormLoops<kForms / kNumFloatForms + 1, kForms % kNumFloatForms>::template Add<kWays>,
            FormLoops<kForms / kNumFloatForms + 1, kForms % kNumFloatForms>::Fold,
            FormLoops<kForms / kNumFloatForms + 1, kForms % kNumFloatForms>::Merge}...};
}

constexpr auto kLoops = MakeLoops(std::make_index_sequence<CellForm::kMaxWords * kNumFloatForms>());

const Loops& LoopsOf(CellForm form) {
  SEXTANT_DCHECK(form.num_words >= 1 && form.num_words <= CellForm::kMaxWords);
  SEXTANT_DCHECK(form.num_floats <= CellForm::kMaxFloats);
  return kLoops[(form.num_words - 1) * kNumFloatForms + form.num_floats];
}

}  // namespace

void AddToCellWords(CellForm form, bool is_spread, const CellAddends& addends,
                    std::span<const uint32_t> cell_of, uint64_t* table) {
  const Loops& loops = LoopsOf(form);
  (is_spread ? loops.add_spread : loops.add)(addends, cell_of, table);
}

void FoldCellWays(CellForm form, size_t num_cells, uint64_t* table) {
  LoopsOf(form).fold(num_cells, table);
}

void MergeCellWords(CellForm form, const uint64_t* from, std::span<const uint32_t> cell_map,
                    uint64_t* into) {
  LoopsOf(form).merge(from, cell_map, into);
}

}  // namespace sextant
