#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "service/cli/cell_reader.h"
#include "service/wire/arrow_file.h"
#include "sextant/v1/result.pb.h"

namespace sextant {

/// Arrow's IPC as a stream, or as a file, which ends with a footer.
enum class OutputFormat { kTable, kCsv, kJson, kArrowStream, kArrowFile };
/// "table", "csv", "json"; "arrow": the stream.
std::optional<OutputFormat> ParseOutputFormat(const std::string& name);
/// Whether the server is asked for Arrow messages.
bool IsArrow(OutputFormat format);

/// Writes a result batch by batch. Begin once, Add for every batch, End once after the summary was
/// checked; without End the output is not complete, and the table shows nothing at all.
class ResultFormat {
 public:
  virtual ~ResultFormat() = default;
  virtual void Begin(std::ostream& out) = 0;
  virtual void Add(const v1::Batch& batch, std::ostream& out) = 0;
  virtual void End(const v1::Summary& summary, std::ostream& out) = 0;
};

/// CSV (RFC 4180, LF): a header line, then one line per cell; NULL groups and cells without a value
/// are empty fields, an empty text is `""`. JSON: one object per line, NULL and no value are null;
/// NaN and infinities are strings. Where a series is a calendar with labels both have a column
/// "start.label" behind "start", without a value where there is none. Both write as batches come
/// and hold no rows. Table: for people; holds all rows, because columns are aligned; with a time
/// axis a sparkline per group and metric. `reader` must outlive the format. REQUIRES: not
/// IsArrow(format).
std::unique_ptr<ResultFormat> MakeResultFormat(OutputFormat format, const CellReader& reader);

/// REQUIRES: IsArrow(format).
std::unique_ptr<ArrowWriter> MakeArrowWriter(OutputFormat format);

}  // namespace sextant
