#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// Copies the rows whose bit is set in `words`, in order, with their numbers where there are any
/// (numbers[k] is of rows[k]; null: none); returns how many. `kept_rows`, and `kept_numbers` if
/// there are numbers, have room for all of them and are not where they are read. No branch depends
/// on a bit. Safe for any number of threads.
size_t KeepSelectedRows(const uint64_t* words, std::span<const uint32_t> rows,
                        const uint32_t* numbers, uint32_t* kept_rows, uint32_t* kept_numbers);
/// The scalar form and the truth, from rows[first] on.
size_t KeepSelectedRowsScalar(const uint64_t* words, std::span<const uint32_t> rows, size_t first,
                              const uint32_t* numbers, uint32_t* kept_rows, uint32_t* kept_numbers);

/// valid[k] &= bit rows[k] of `validity`; valid[k] is 0 or 1.
void GatherValidity(const uint64_t* validity, std::span<const uint32_t> rows, uint8_t* valid);
/// The scalar form and the truth, from rows[first] on.
void GatherValidityScalar(const uint64_t* validity, std::span<const uint32_t> rows, size_t first,
                          uint8_t* valid);

}  // namespace sextant
