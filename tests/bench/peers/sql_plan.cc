#include "tests/bench/peers/sql_plan.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

namespace sextant::peers {

std::optional<int> ReadSqlPeerFlags(int argc, char** argv, const std::string& title,
                                    SqlPeerFlags& flags) {
  CLI::App app(title);
  app.add_option("--library", flags.library)->required();
  app.add_option("--plan", flags.plan)->required()->check(CLI::ExistingFile);
  app.add_option("--threads", flags.num_threads)->check(CLI::PositiveNumber);
  app.add_option("--runs", flags.min_runs)->check(CLI::PositiveNumber);
  app.add_option("--seconds", flags.seconds)->check(CLI::PositiveNumber);
  app.add_option("--clients", flags.clients)->delimiter(',')->check(CLI::PositiveNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  return std::nullopt;
}

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
