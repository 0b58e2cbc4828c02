#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "compute/kernels/cell_words.h"
#include "compute/kernels/decimal_slots.h"
#include "compute/kernels/row_runs.h"
#include "compute/kernels/word_addends.h"
#include "compute/operators/morsel.h"
#include "compute/operators/word_fields.h"

namespace sextant {

/// What each row of a batch adds to the words of its cell, packed field by field. A word begins
/// with a constant, which is what all rows add, whatever their values. 48 KiB, of which only the
/// words that are used are touched: for the stack.
class WordBatch {
 public:
  using Words = std::array<uint64_t, CellForm::kMaxWords>;

  /// REQUIRES: num_rows <= kBatchRows.
  void Start(const Words& constants, size_t num_rows) {
    constants_ = constants;
    num_rows_ = num_rows;
    has_begun_.fill(false);
  }
  /// Adds slots[rows[k]] to `field` of row k.
  template <typename Slot>
  void AddSlots(const Slot* slots, std::span<const uint32_t> rows, const WordField& field) {
    AddSlotsTo(slots, rows, PartOf(field), words_[field.word].data());
  }
  /// Adds the decimals that values[k] are to `field` of row k.
  void AddDecimals(std::span<const double> values, double power, const WordField& field) {
    AddDecimalsTo(values, power, PartOf(field), words_[field.word].data());
  }
  /// Adds a part of numbers[k] to `field` of row k.
  void AddFields(const uint32_t* numbers, const NumberField& part, const WordField& field) {
    AddFieldsTo({numbers, num_rows_}, part, PartOf(field), words_[field.word].data());
  }
  /// Adds a[k] * b[k] to `field` of row k.
  void AddProducts(const uint32_t* a, const uint32_t* b, const WordField& field) {
    AddProductsTo({a, num_rows_}, b, PartOf(field), words_[field.word].data());
  }
  /// The addends of a word, for what has no function of its own.
  uint64_t* Begun(uint32_t word) {
    if (!has_begun_[word]) FillWords(constants_[word], num_rows_, words_[word].data());
    has_begun_[word] = true;
    return words_[word].data();
  }
  /// Hands the words on. They live as long as this does.
  void Finish(uint32_t num_words, CellAddends& addends) {
    for (uint32_t word = 0; word < num_words; ++word) addends.words[word] = Begun(word);
  }

 private:
  /// What is added to it next begins the word if nothing did.
  WordPart PartOf(const WordField& field) {
    const bool begins = !has_begun_[field.word];
    has_begun_[field.word] = true;
    return {field.shift, begins, constants_[field.word]};
  }

  std::array<std::array<uint64_t, kBatchRows>, CellForm::kMaxWords> words_;
  Words constants_;
  std::array<bool, CellForm::kMaxWords> has_begun_;
  size_t num_rows_;
};

}  // namespace sextant
