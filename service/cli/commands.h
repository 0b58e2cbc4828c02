#pragma once

#include <ostream>
#include <string>

#include "service/cli/connection.h"
#include "service/cli/query_request.h"
#include "service/cli/result_format.h"
#include "service/cli/rows_request.h"

namespace sextant {

/// Each command writes its answer to `out`, what went wrong to `errors`, and returns the exit code
/// of the client.

struct QueryOutput {
  OutputFormat format = OutputFormat::kTable;
};
/// Checks the stream before it says that it worked: header first, every batch as the header says, a
/// summary last, whose checksum and counts match.
int RunQuery(const ConnectionFlags& connection, const QueryFlags& flags, const QueryOutput& output,
             std::ostream& out, std::ostream& errors);

/// The same into the file at `path`, which appears when its content is whole; a file that is there
/// stays as it is when the query fails.
int RunQueryToFile(const ConnectionFlags& connection, const QueryFlags& flags,
                   const QueryOutput& output, const std::string& path, std::ostream& errors);

/// The rows behind a cell, with the same checks. Says so in `errors` where there are more.
int RunRows(const ConnectionFlags& connection, const RowsFlags& flags, const QueryOutput& output,
            std::ostream& out, std::ostream& errors);
int RunRowsToFile(const ConnectionFlags& connection, const RowsFlags& flags,
                  const QueryOutput& output, const std::string& path, std::ostream& errors);

/// How the query of `flags` was run, and the SQL that means the same; or that SQL alone.
int RunExplain(const ConnectionFlags& connection, const QueryFlags& flags, bool sql_only,
               std::ostream& out, std::ostream& errors);

/// Whether PostgreSQL gives the same answer in one snapshot; fails when it does not.
int RunVerify(const ConnectionFlags& connection, const QueryFlags& flags, std::ostream& out,
              std::ostream& errors);

int RunDatasets(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
                std::ostream& errors);

/// The metrics of the catalogue, or how the one called `name` is defined.
int RunMetrics(const ConnectionFlags& connection, const std::string& name, std::ostream& out,
               std::ostream& errors);

/// The calendars of the catalogue, whose names `-i` takes.
int RunCalendars(const ConnectionFlags& connection, std::ostream& out, std::ostream& errors);

/// All metrics as a page in Markdown: those of the server, or of the files in `directory`, which
/// need no server and no source.
int RunMetricPage(const ConnectionFlags& connection, std::ostream& out, std::ostream& errors);
int RunMetricPage(const std::string& directory, std::ostream& out, std::ostream& errors);

/// With `watch`, again twice a second until interrupted: redrawn in place on a terminal, one line
/// per change elsewhere.
int RunStatus(const ConnectionFlags& connection, bool watch, bool is_terminal, std::ostream& out,
              std::ostream& errors);

int RunRefresh(const ConnectionFlags& connection, const std::string& dataset, bool wait,
               std::ostream& out, std::ostream& errors);

/// The files of the catalogue alone; no server and no source is asked.
int RunCheck(const std::string& directory, std::ostream& out, std::ostream& errors);

/// A stanza for the catalogue, from what PostgreSQL knows of `table`.
int RunDraft(const std::string& conninfo, const std::string& table, std::ostream& out,
             std::ostream& errors);

}  // namespace sextant
