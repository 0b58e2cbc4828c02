#include "service/cli/commands.h"
#include "storage/postgres/draft.h"

namespace sextant {

int RunDraft(const std::string& conninfo, const std::string& table, std::ostream& out,
             std::ostream& errors) {
  const absl::StatusOr<std::string> stanza = DraftDataset(conninfo, table);
  if (!stanza.ok()) {
    errors << "sextant draft: " << stanza.status().message() << '\n';
    return kExitFailed;
  }
  out << *stanza;
  return kExitOk;
}

}  // namespace sextant
