// Asks a Sextant server one query and prints the cells as CSV, as `sextant query --format csv` does.
//   node query.mjs ADDRESS [TENANT] < QUERY.json
// QUERY.json is a QueryMetricsRequest in protobuf's JSON form, with the names of the .proto files.
import { readFileSync } from "node:fs";
import { connect, csvField, query } from "./sextant.mjs";

const [address, tenant] = process.argv.slice(2);

/** The values of a ColumnData, null where a row has none. */
function columnValues(column, rowCount) {
  const { values, codes } = column[column.values] ?? { values: Array(rowCount).fill(null) };
  const rows = column.values === "texts" ? codes.map((code) => values[code]) : values;
  if (rows.length !== rowCount) throw new Error(`a column has ${rows.length} values, its batch ${rowCount} rows`);
  const { validity } = column;
  return validity.length === 0 ? rows : rows.map((value, i) => (validity[i >> 3] >> (i & 7)) & 1 ? value : null);
}

function cellText(header, column, value, series) {
  if (value === null) return null;
  if (column.role === "COLUMN_ROLE_SERIES") return header.series[value].interval;
  if (column.role === "COLUMN_ROLE_START") return header.series[series].borders[value];
  return String(value);
}

function* csvLines({ header, batches, summary }) {
  const numRows = batches.reduce((sum, batch) => sum + batch.row_count, 0);
  if (numRows !== Number(summary.cells)) throw new Error(`found ${numRows} cells; the summary says ${summary.cells}`);
  yield header.columns.map(({ name }) => csvField(name)).join(",");
  const seriesIndex = header.columns.findIndex(({ role }) => role === "COLUMN_ROLE_SERIES");
  for (const batch of batches) {
    const columns = batch.columns.map((column) => columnValues(column, batch.row_count));
    for (let row = 0; row < batch.row_count; ++row) {
      const series = seriesIndex < 0 ? 0 : columns[seriesIndex][row];
      yield header.columns.map((column, i) => csvField(cellText(header, column, columns[i][row], series))).join(",");
    }
  }
}

try {
  const client = await connect(address);
  const answer = await query(client, tenant, JSON.parse(readFileSync(0, "utf8")), "batch");
  process.stdout.write([...csvLines(answer)].join("\n") + "\n");
  client.close();
} catch (error) {
  console.error(`query.mjs: ${error.message}`);
  process.exitCode = 1;
}
