// A file of a catalogue: YAML as a person writes it, or does not.
#include <map>
#include <string>

#include "service/catalog/catalog.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::map<std::string, std::string> environment = {{"DATABASE", "dbname=warehouse"}};
  const auto catalog = sextant::ParseCatalog({{"fuzz.yaml", text}}, environment);
  if (!catalog.ok()) sextant::fuzz::CheckRefusal(catalog.status());
  return 0;
}
