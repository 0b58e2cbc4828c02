#include "compute/exec/links/code_column.h"

#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<std::shared_ptr<const Column>> SealCodes(const DataType& type, uint32_t num_rows,
                                                        CodeStore& codes,
                                                        ValidityBuilder& validity) {
  ColumnParts parts;
  parts.type = type;
  parts.num_rows = num_rows;
  parts.zone_map.null_count = validity.null_count();
  SEXTANT_ASSIGN_OR_RETURN(parts.validity, validity.Copy());
  SEXTANT_RETURN_IF_ERROR(codes.Seal(validity.words(), parts));
  parts.Settle();
  return std::make_shared<const Column>(std::move(parts));
}

}  // namespace sextant
