#include "service/catalog/calendar_section.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "compute/plan/series_text.h"
#include "service/catalog/dataset_section.h"

namespace sextant {

CatalogCalendar ReadCalendar(const YamlSection& entry) {
  YamlSection section = entry;
  section.AllowKeys({"name", "description", "dataset", "start", "end", "last_day", "label"});
  CheckName(section, "name");
  section.Require("dataset");
  section.Require("start");
  CatalogCalendar calendar;
  calendar.name = section.Text("name");
  calendar.description = section.Text("description");
  calendar.dataset = section.Text("dataset");
  calendar.start = section.Text("start");
  calendar.end = section.Text("end");
  calendar.last_day = section.Text("last_day");
  calendar.label = section.Text("label");
  if (!calendar.name.empty() && ParseSeries(calendar.name, "name").ok()) {
    section.Report("name", absl::StrCat("'", calendar.name, "', which series have already"),
                   "a name of its own");
  }
  if (calendar.end.empty() == calendar.last_day.empty()) {
    section.Report("end",
                   calendar.end.empty() ? "neither 'end' nor 'last_day'" : "'end' and 'last_day'",
                   "one of them: the column where the next period starts, or of the last day");
  }
  return calendar;
}

}  // namespace sextant
