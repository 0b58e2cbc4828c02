// Writes a data set of the benchmark as CSV, for the peers.
//
//   peers_write_csv --dataset pr|h2o|t|f [--rows N] [--variant shuffled] > FILE

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/peers/csv_sink.h"
#include "tests/bench/peers/datasets.h"

int main(int argc, char** argv) {
  std::vector<std::string> names;
  for (const sextant::peers::Dataset& dataset : sextant::peers::Datasets()) {
    names.push_back(dataset.name);
  }
  std::string name;
  uint64_t num_rows = 0;
  CLI::App app("A data set of the benchmark as CSV");
  app.add_option("--dataset", name)->required()->check(CLI::IsMember(names));
  std::string variant = "plain";
  app.add_option("--rows", num_rows);
  app.add_option("--variant", variant)->check(CLI::IsMember(sextant::peers::RowVariantNames()));
  CLI11_PARSE(app, argc, argv);
  sextant::peers::Dataset dataset = *sextant::peers::FindDataset(name);
  dataset.variant = *sextant::peers::RowVariantOf(variant);
  sextant::peers::CsvSink sink(dataset.fields, std::cout);
  const absl::Status status = dataset.Generate(num_rows, sink);
  if (status.ok()) return 0;
  std::cerr << "peers_write_csv: " << status.message() << '\n';
  return 1;
}
