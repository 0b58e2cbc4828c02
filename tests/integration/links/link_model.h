#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "storage/dataset_spec.h"

namespace sextant {

/// A condition in the product's language, and the same in SQL over the tables, written by the test.
struct TwinText {
  std::string product;
  std::string sql;
};

/// Linked tables with random rows, and random conditions on them. Tenants have the same ids; keys
/// are NULL, or name rows that are not there; children and rows of the bridge repeat.
class LinkModel {
 public:
  /// Without `has_children` the tables that rows lead to are empty.
  LinkModel(uint64_t seed, bool has_children) : random_(seed), has_children_(has_children) {}

  /// Makes and fills the tables.
  std::string CreateSql();
  /// Changes some rows of each table.
  std::string ChangeSql();
  /// Of one group: the datasets `pulls`, `issues`, `epics`, `reviews`, `pull_issues`.
  static void Declare(StorageSpec& spec);

  /// Of a row of `dataset` that the SQL calls `alias`.
  TwinText Condition(const std::string& dataset, const std::string& alias, int depth);
  /// An axis of `pulls`, whose rows the SQL calls p.
  TwinText Axis();

 private:
  int Draw(int below) { return static_cast<int>(random_() % static_cast<uint64_t>(below)); }
  std::string Key(int below);
  std::string Rows(const std::string& table);
  TwinText Leaf(const std::string& dataset, const std::string& alias);
  TwinText LinkCondition(const std::string& dataset, const std::string& alias, int depth);

  std::mt19937_64 random_;
  const bool has_children_;
  int num_aliases_ = 0;
};

}  // namespace sextant
