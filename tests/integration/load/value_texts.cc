#include "tests/integration/load/value_texts.h"

#include <bit>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

std::string FloatBits(const Column& column, uint32_t row) {
  if (column.IsNull(row)) return "NULL";
  if (column.type().kind == TypeKind::kFloat32) {
    return absl::StrFormat("%08x",
                           std::bit_cast<uint32_t>(static_cast<float>(column.FloatAt(row))));
  }
  return absl::StrFormat("%016x", std::bit_cast<uint64_t>(column.FloatAt(row)));
}

std::string ValueText(const Column& column, const Dictionary* dictionary, uint32_t row) {
  if (column.IsNull(row)) return "NULL";
  if (column.layout() == Layout::kFloat) return FloatBits(column, row);
  if (column.type().kind == TypeKind::kBytes) {
    return absl::BytesToHexString(ToAbsl(column.BytesAt(row)));
  }
  if (column.layout() != Layout::kList) return CellText(column, dictionary, row);
  std::vector<std::string> elements;
  for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
    elements.push_back(ValueText(column.elements(), dictionary, at));
  }
  return absl::StrCat("{", absl::StrJoin(elements, ","), "}");
}

std::string InstantText(const std::string& value) {
  return "trunc(extract(epoch FROM " + value + ") * 1000000)::text";
}

std::string ScalarText(const std::string& value, TypeKind kind, int scale,
                       const std::string& zone) {
  switch (kind) {
    case TypeKind::kBool:
      return value + "::int::text";
    case TypeKind::kFloat32:
      return "encode(float4send(" + value + "), 'hex')";
    case TypeKind::kFloat64:
      return "encode(float8send(" + value + "), 'hex')";
    case TypeKind::kDecimal:
      return absl::StrCat("trunc(", value, " * 1", std::string(static_cast<size_t>(scale), '0'),
                          "::numeric)::text");
    case TypeKind::kBytes:
      return "encode(" + value + ", 'hex')";
    case TypeKind::kDate:
      return "(" + value + " - date '1970-01-01')::text";
    case TypeKind::kTimestamp:
      return InstantText(zone.empty() ? value : value + " AT TIME ZONE '" + zone + "'");
    case TypeKind::kInterval:
      return "concat_ws('/', extract(year FROM " + value + ") * 12 + extract(month FROM " + value +
             "), extract(day FROM " + value + "), trunc((extract(hour FROM " + value +
             ") * 3600 + extract(minute FROM " + value +
             ") * 60) * 1000000 + extract(microseconds "
             "FROM " +
             value + ")))";
    default:
      return value + "::text";
  }
}

}  // namespace

std::vector<std::string> LoadedTexts(const Table& table, const std::string& column) {
  const std::optional<ColumnIndex> index = table.schema().Find(column);
  SEXTANT_CHECK(index.has_value()) << column;
  std::vector<std::string> texts;
  for (uint32_t at = 0; at < table.num_chunks(); ++at) {
    const Column& values = table.chunk(at).column(*index);
    for (uint32_t row = 0; row < values.num_rows(); ++row) {
      texts.push_back(ValueText(values, table.facts(*index).dictionary.get(), row));
    }
  }
  return texts;
}

std::string SqlTextOf(const std::string& column, const DataType& type, const std::string& zone) {
  if (type.kind != TypeKind::kList) {
    return absl::StrCat("CASE WHEN ", column, " IS NULL THEN 'NULL' ELSE ",
                        ScalarText(column, type.kind, type.scale, zone), " END");
  }
  return absl::StrCat("CASE WHEN ", column,
                      " IS NULL THEN 'NULL' ELSE (SELECT '{' || coalesce("
                      "string_agg(coalesce(",
                      ScalarText("e", type.element, 0, zone),
                      ", 'NULL'), ',' ORDER BY n), '') || '}' FROM unnest(", column,
                      ") WITH ORDINALITY AS u(e, n)) END");
}

}  // namespace sextant
