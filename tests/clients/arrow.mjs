// Reads an answer in Arrow IPC by Apache Arrow JS and by polars, sees that both give the same cells, and prints them as
// CSV, as `sextant query --format csv` does.
//   node arrow.mjs --file PATH                                     what `sextant query --format arrow` wrote
//   node arrow.mjs --address HOST:PORT [--tenant T] < QUERY.json   asks the server for it
// QUERY.json is a QueryMetricsRequest in protobuf's JSON form, with the names of the .proto files.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { crc32 } from "node:zlib";
import { readByArrow, readByPolars } from "./arrow_text.mjs";
import { connect, csvField, query } from "./sextant.mjs";

/** What stands before a message in a stream: the continuation marker and the length of its metadata. */
function prefix(length) {
  const bytes = Buffer.alloc(8, 0xff);
  bytes.writeInt32LE(length, 4);
  return bytes;
}

/** The answer of the server as one Arrow stream. */
async function ask(address, tenant) {
  const client = await connect(address);
  const request = { ...JSON.parse(readFileSync(0, "utf8")), format: "RESULT_FORMAT_ARROW_IPC" };
  const { header, batches, summary } = await query(client, tenant, request, "arrow");
  client.close();
  const parts = batches.flatMap(({ metadata, body }) => [metadata, body]);
  // zlib has a crc32 since Node 20.15.
  const checksum = parts.reduce((sum, bytes) => crc32(bytes, sum), 0);
  if (checksum !== summary.batches_crc32) {
    throw new Error(`the checksum of the messages is ${checksum}; the summary says ${summary.batches_crc32}`);
  }
  return Buffer.concat([
    prefix(header.arrow_schema.length), header.arrow_schema,
    ...batches.flatMap(({ metadata, body }) => [prefix(metadata.length), metadata, body]), prefix(0)]);
}

function csvOf({ names, rows }) {
  return [names, ...rows].map((row) => row.map(csvField).join(",")).join("\n") + "\n";
}

/** Equal, or the same number printed in two ways. */
function isSame(left, right) {
  return left === right || (left !== null && right !== null && left !== "" && Number(left) === Number(right));
}

/** Rejects with the first cell in which the readers differ. */
function compare(left, right) {
  if (left.rows.length !== right.rows.length) {
    throw new Error(`Arrow JS reads ${left.rows.length} rows, polars ${right.rows.length}`);
  }
  const others = [right.names, ...right.rows];
  for (const [number, row] of [left.names, ...left.rows].entries()) {
    const other = others[number];
    if (row.length !== other.length || !row.every((text, i) => isSame(text, other[i]))) {
      throw new Error(`row ${number}: Arrow JS reads ${JSON.stringify(row)}, polars ${JSON.stringify(other)}`);
    }
  }
}

try {
  const { values } = parseArgs({ options: { file: { type: "string" }, address: { type: "string" }, tenant: { type: "string" } } });
  const bytes = values.file ? readFileSync(values.file) : await ask(values.address, values.tenant);
  const byArrow = readByArrow(bytes);
  compare(byArrow, readByPolars(bytes));
  process.stdout.write(csvOf(byArrow));
} catch (error) {
  console.error(`arrow.mjs: ${error.message}`);
  process.exitCode = 1;
}
