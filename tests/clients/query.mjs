// Asks a Sextant server one query and prints the cells as CSV, as `sextant query --format csv` does. Knows nothing
// of Sextant but what the server's reflection says.
//   node query.mjs ADDRESS [TENANT] < QUERY.json
// QUERY.json is a QueryMetricsRequest in protobuf's JSON form, with the names of the .proto files.
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import reflection from "grpc-js-reflection-client";

const DEADLINE_MS = 60_000;
const SERVICE = "sextant.v1.MetricService";

const [address, tenant] = process.argv.slice(2);
const credentials = grpc.credentials.createInsecure();

/** A client made of the descriptors that the server hands out. */
async function connect() {
  const mirror = new reflection.GrpcReflection(address, credentials);
  const services = await mirror.listServices();
  for (const name of [SERVICE, "sextant.v1.CatalogService", "sextant.v1.AdminService"]) {
    if (!services.includes(name)) throw new Error(`the server does not list ${name}, but ${services.join(", ")}`);
  }
  const descriptor = await mirror.getDescriptorBySymbol(SERVICE);
  const types = descriptor.getPackageObject({ keepCase: true, enums: String, longs: String, defaults: true, oneofs: true });
  return new types.sextant.v1.MetricService(address, credentials);
}

/** The frames of the answer; rejects with the server's error. */
function query(client, request) {
  const metadata = new grpc.Metadata();
  if (tenant) metadata.set("x-sextant-tenant", tenant);
  return new Promise((resolve, reject) => {
    const frames = [];
    const call = client.QueryMetrics(request, metadata, { deadline: Date.now() + DEADLINE_MS });
    call.on("data", (frame) => frames.push(frame));
    call.on("error", (error) => reject(new Error(`${grpc.status[error.code]}: ${error.details}`)));
    call.on("end", () => resolve(frames));
  });
}

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

/** NULL is an empty field, an empty text is quoted. */
function csvField(text) {
  if (text === null) return "";
  if (text === "") return '""';
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* csvLines(frames) {
  const kinds = frames.map(({ frame }) => frame);
  if (kinds.at(-1) !== "summary") throw new Error("the stream ended without its summary: the answer is void");
  if (kinds[0] !== "header" || kinds.slice(1, -1).some((kind) => kind !== "batch")) {
    throw new Error(`the frames are ${kinds.join(", ")}; wanted: header, batches, summary`);
  }
  const header = frames[0].header;
  const { summary } = frames.at(-1);
  const batches = frames.slice(1, -1).map(({ batch }) => batch);
  const numRows = batches.reduce((sum, batch) => sum + batch.row_count, 0);
  if (batches.length !== summary.batch_count || numRows !== Number(summary.cells)) {
    throw new Error(`found ${batches.length} batches, ${numRows} cells; the summary says ${summary.batch_count}, ${summary.cells}`);
  }
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
  const client = await connect();
  const frames = await query(client, JSON.parse(readFileSync(0, "utf8")));
  process.stdout.write([...csvLines(frames)].join("\n") + "\n");
  client.close();
} catch (error) {
  console.error(`query.mjs: ${error.message}`);
  process.exitCode = 1;
}
