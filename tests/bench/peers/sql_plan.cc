#include "tests/bench/peers/sql_plan.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace sextant::peers {

absl::StatusOr<SqlPlan> ReadSqlPlan(const std::string& path) {
  std::ifstream file(path);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("plan: found no JSON object");
  SqlPlan plan;
  plan.setup = json.value("setup", plan.setup);
  plan.after = json.value("after", plan.after);
  for (const nlohmann::json& query : json.value("queries", nlohmann::json::array())) {
    plan.ids.push_back(query.value("id", ""));
    plan.queries.push_back(query.value("sql", ""));
  }
  return plan;
}

}  // namespace sextant::peers
