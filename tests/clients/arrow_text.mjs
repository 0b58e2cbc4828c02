// The cells of Arrow IPC as two readers give them, as the texts that `sextant query --format csv` has; null for a null.
import { Type, tableFromIPC } from "apache-arrow";
import pl from "nodejs-polars";

const FILE_MAGIC = "ARROW1";

const offsetFormats = new Map();

/** "GMT+01:00": how far the zone is from UTC at `date`. */
function offsetName(date, timeZone) {
  if (!offsetFormats.has(timeZone)) {
    offsetFormats.set(timeZone, new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }));
  }
  return offsetFormats.get(timeZone).formatToParts(date).find(({ type }) => type === "timeZoneName").value;
}

/** "2024-03-31T00:00:00.5+01:00": an instant with the offset of the zone. */
function instantText(microseconds, timeZone) {
  const seconds = (microseconds - (((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;
  const fraction = String(microseconds - seconds * 1_000_000n).padStart(6, "0").replace(/0+$/, "");
  const date = new Date(Number(seconds) * 1000);
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(offsetName(date, timeZone));
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  return `${local}${fraction && "."}${fraction}${sign ?? "+"}${hours ?? "00"}:${minutes ?? "00"}`;
}

/** The integer in four 32-bit words, the lowest first, divided by 10^scale. */
function decimalText(words, scale) {
  const unscaled = BigInt.asIntN(128, words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const point = scale > 0 ? `.${digits.slice(-scale)}` : "";
  return (unscaled < 0n ? "-" : "") + digits.slice(0, digits.length - scale) + point;
}

/** As PostgreSQL writes an array. */
function listText(elements) {
  const element = (text) => {
    if (text === null) return "NULL";
    const isPlain = text !== "" && !/[\s{},"\\]/.test(text) && text.toUpperCase() !== "NULL";
    return isPlain ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
  };
  return `{${elements.map(element).join(",")}}`;
}

/** Value `row` of one column of one batch. The numbers come from the buffers: the getters of Arrow JS round some. */
function arrowText(data, vector, row) {
  if (!vector.isValid(row)) return null;
  const { type } = data;
  switch (type.typeId) {
    case Type.Timestamp:
      return instantText(data.values[row], type.timezone);
    case Type.Decimal:
      return decimalText([...data.values.subarray(4 * row, 4 * row + 4)], type.scale);
    case Type.Date:
      return new Date(data.values[row] * 86_400_000).toISOString().slice(0, 10);
    case Type.List: {
      const elements = vector.getChildAt(0);
      const rows = [];
      for (let i = data.valueOffsets[row]; i < data.valueOffsets[row + 1]; ++i) {
        rows.push(arrowText(data.children[0], elements, i));
      }
      return listText(rows);
    }
    default:
      return String(vector.get(row));
  }
}

/** Names and rows by Apache Arrow's own reader for JavaScript. */
export function readByArrow(bytes) {
  const table = tableFromIPC(bytes);
  const rows = [];
  for (const batch of table.batches) {
    const columns = table.schema.fields.map((_, i) => batch.getChildAt(i));
    for (let row = 0; row < batch.numRows; ++row) {
      rows.push(columns.map((vector) => arrowText(vector.data[0], vector, row)));
    }
  }
  return { names: table.schema.fields.map(({ name }) => name), rows };
}

/** A column of polars as texts: what it prints is exact, but for instants; of floats it writes "3.0". */
function polarsTexts(series) {
  const { dtype } = series;
  const isList = dtype.variant === "List";
  const element = isList ? dtype.inner[0] : dtype;
  const wrap = (type) => (isList ? pl.List(type) : type);
  const isInstant = element.variant === "Datetime";
  const isFloat = element.variant === "Float64";
  const exact = isInstant ? series.cast(wrap(pl.Int64)) : series;
  const texts = (isFloat ? exact : exact.cast(wrap(pl.Utf8))).toArray();
  const text = (value) => {
    if (value === null) return null;
    return isInstant ? instantText(BigInt(value), element.timeZone) : String(value);
  };
  return texts.map((value) => (isList && value !== null ? listText([...value].map(text)) : text(value)));
}

/** Names and rows by polars. */
export function readByPolars(bytes) {
  const isFile = bytes.subarray(0, FILE_MAGIC.length).toString("latin1") === FILE_MAGIC;
  const frame = isFile ? pl.readIPC(bytes) : pl.readIPCStream(bytes);
  const columns = frame.getColumns().map(polarsTexts);
  const rows = Array.from({ length: frame.height }, (_, row) => columns.map((column) => column[row]));
  return { names: frame.columns, rows };
}
