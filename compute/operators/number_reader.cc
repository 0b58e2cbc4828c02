#include "compute/operators/number_reader.h"

#include <array>

#include "compute/kernels/exact_division.h"
#include "compute/memory/check.h"
#include "compute/operators/morsel.h"

namespace sextant {

int NumberScale(const DataType& type) {
  if (type.kind == TypeKind::kDecimal) return type.scale;
  return type.kind == TypeKind::kDuration ? 6 : 0;
}

double RoundedNumberOf(int64_t integer, int scale) { return DivideDecimal(integer, 1, scale); }

double NumberOf(Wide decimal, int scale) { return DivideDecimal(Int128OfWide(decimal), 1, scale); }

NumberReader::NumberReader(const BoundValue& value, const Table& table)
    : reader_(value, table), scale_(NumberScale(value.type)) {}

void NumberReader::Read(const SampleBatch& batch, double* numbers, uint8_t* valid) const {
  const size_t num_rows = batch.rows.size();
  SEXTANT_DCHECK(num_rows <= kBatchRows);
  switch (reader_.form()) {
    case ValueReader::Form::kFloat:
      reader_.ReadFloats(*batch.chunk, batch.rows, numbers, valid);
      return;
    case ValueReader::Form::kWide: {
      std::array<Wide, kBatchRows> wides;
      reader_.ReadWides(*batch.chunk, batch.rows, wides.data(), valid);
      for (size_t k = 0; k < num_rows; ++k) {
        if (valid[k] != 0) numbers[k] = NumberOf(wides[k], scale_);
      }
      return;
    }
    default: {
      std::array<int64_t, kBatchRows> integers;
      reader_.ReadIntegers(*batch.chunk, batch.rows, integers.data(), valid);
      if (scale_ == 0) {  // a slot that is not valid may hold anything
        for (size_t k = 0; k < num_rows; ++k) numbers[k] = static_cast<double>(integers[k]);
        return;
      }
      for (size_t k = 0; k < num_rows; ++k) {
        if (valid[k] != 0) numbers[k] = NumberOf(integers[k], scale_);
      }
    }
  }
}

}  // namespace sextant
