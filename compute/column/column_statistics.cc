#include "compute/column/column_statistics.h"

namespace sextant {

ColumnStatistics StatisticsOf(const Table& table, ColumnIndex column) {
  ColumnStatistics statistics;
  bool chunks_ascend = true;
  const ZoneMap* before = nullptr;
  for (uint32_t i = 0; i < table.num_chunks(); ++i) {
    const ZoneMap& zone = table.chunk(i).column(column).zone_map();
    statistics.null_count += zone.null_count;
    statistics.num_sorted_chunks += zone.is_sorted ? 1 : 0;
    statistics.memory_bytes += sizeof(zone);
    chunks_ascend &= before == nullptr || before->max_integer <= zone.min_integer;
    before = &zone;
  }
  statistics.is_sorted =
      before != nullptr && chunks_ascend && statistics.num_sorted_chunks == table.num_chunks();
  return statistics;
}

}  // namespace sextant
