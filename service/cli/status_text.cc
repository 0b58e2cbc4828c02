#include "service/cli/status_text.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "service/cli/table_format.h"
#include "service/cli/text_format.h"

namespace sextant {
namespace {

constexpr size_t kBarWidth = 20;

std::string StateText(const v1::DatasetStatus& dataset) {
  switch (dataset.state()) {
    case v1::DATASET_STATE_SERVING:
      return dataset.has_load() ? "refreshing" : "serving";
    case v1::DATASET_STATE_LOADING:
      return dataset.has_load() ? "loading" : "waiting";
    case v1::DATASET_STATE_FAILED:
      return "failed, tried again";
    default:
      return "unknown";
  }
}

std::string LoadText(const v1::DatasetStatus& dataset) {
  if (!dataset.has_load()) {
    if (!dataset.last_error().empty()) return Printable(dataset.last_error());
    return dataset.version() > 0
               ? absl::StrCat("loaded in ",
                              HumanDuration(static_cast<double>(dataset.last_load_ms()) / 1e3))
               : "";
  }
  const v1::LoadProgress& load = dataset.load();
  std::string text;
  if (load.rows_expected() > 0) {
    const double fraction =
        static_cast<double>(load.rows_read()) / static_cast<double>(load.rows_expected());
    text = absl::StrCat(ProgressBar(fraction, kBarWidth), " ");
  }
  return absl::StrCat(text, HumanInteger(load.rows_read()), " rows, ",
                      HumanBytes(static_cast<double>(load.bytes_read())), ", ",
                      HumanDuration(static_cast<double>(load.elapsed_ms()) / 1e3));
}

}  // namespace

std::string StatusText(const v1::GetStatusResponse& status) {
  std::ostringstream out;
  out << "sextantd " << Printable(status.server_version()) << " since " << status.started_at()
      << ", "
      << (status.draining() ? "draining"
          : status.ready()  ? "ready"
                            : "not ready")
      << ", memory " << HumanBytes(static_cast<double>(status.memory_used_bytes())) << " of "
      << HumanBytes(static_cast<double>(status.memory_limit_bytes())) << ", "
      << status.compute_threads() << " threads\n\n";
  AlignedTable table({"dataset", "state", "version", "rows", "memory", "age", "load"},
                     {false, false, true, true, true, true, false});
  for (const v1::DatasetStatus& dataset : status.datasets()) {
    const bool is_published = dataset.version() > 0;
    table.AddRow({absl::StrCat(Printable(dataset.name()), dataset.required() ? " *" : ""),
                  StateText(dataset), is_published ? absl::StrCat(dataset.version()) : "-",
                  is_published ? HumanInteger(dataset.row_count()) : "-",
                  is_published ? HumanBytes(static_cast<double>(dataset.memory_bytes())) : "-",
                  is_published ? HumanDuration(static_cast<double>(dataset.age_ms() / 1000)) : "-",
                  LoadText(dataset)});
  }
  table.Write(out);
  return out.str();
}

std::string DatasetLine(const v1::DatasetStatus& dataset) {
  std::string line = absl::StrCat(Printable(dataset.name()), ": ", StateText(dataset));
  if (dataset.version() > 0) {
    absl::StrAppend(&line, ", version ", dataset.version(), ", ", HumanInteger(dataset.row_count()),
                    " rows");
  }
  if (dataset.has_load()) absl::StrAppend(&line, "; ", LoadText(dataset));
  if (!dataset.last_error().empty()) absl::StrAppend(&line, "; ", Printable(dataset.last_error()));
  return line;
}

}  // namespace sextant
