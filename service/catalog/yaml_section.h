#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/catalog/catalog.h"

namespace sextant {

/// A mapping of a catalogue file with the path that leads to it: reads keys by type, and collects
/// what is wrong instead of stopping at the first. Reading a key that is absent gives the default,
/// without an error. Thread-safety: none.
class YamlSection {
 public:
  /// `node` must be a mapping; anything else is reported, and the section is then empty.
  YamlSection(std::string file, std::string path, YAML::Node node,
              std::vector<CatalogError>& errors);

  /// Reports every key that is neither in `known` nor in `later`, and those of `later` as not
  /// supported by this version.
  void AllowKeys(std::initializer_list<std::string_view> known,
                 std::initializer_list<std::string_view> later = {});

  bool Has(const std::string& key) const;
  /// Whether there is a list under `key`.
  bool IsList(const std::string& key) const;
  std::string Text(const std::string& key) const;
  bool Bool(const std::string& key, bool fallback) const;
  /// A whole number in [min, max].
  int64_t Integer(const std::string& key, int64_t fallback, int64_t min, int64_t max) const;
  /// "250ms", "5s", "10m", "1h", "1d"; microseconds, > 0.
  std::optional<int64_t> DurationUs(const std::string& key) const;
  std::vector<std::string> TextList(const std::string& key) const;
  /// A mapping of text to text, in the order of the file.
  std::vector<std::pair<std::string, std::string>> TextMap(const std::string& key) const;
  /// Of a mapping: those that are texts, in the order of the file.
  std::vector<std::string> Keys() const;
  /// One of `allowed`, or `fallback` when absent.
  std::string OneOf(const std::string& key, std::initializer_list<std::string_view> allowed,
                    std::string_view fallback) const;
  /// The mapping under `key`; an empty section when it is absent.
  YamlSection Section(const std::string& key) const;
  /// The mappings of the sequence under `key`.
  std::vector<YamlSection> Sections(const std::string& key) const;
  /// Reports that `key` must be there and not empty.
  void Require(const std::string& key) const;

  /// Reports an error at `key` (or at the section when `key` is empty).
  void Report(const std::string& key, std::string found, std::string allowed) const;
  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }
  int line() const { return LineOf(node_); }

 private:
  static int LineOf(const YAML::Node& node);
  std::string PathOf(const std::string& key) const;
  YAML::Node Child(const std::string& key) const;
  std::optional<std::string> Scalar(const std::string& key, const char* allowed) const;

  std::string file_;
  std::string path_;
  YAML::Node node_;
  std::vector<CatalogError>* errors_;
};

/// "a mapping", "a list", "'text'" (cut at 60 characters), "nothing".
std::string Describe(const YAML::Node& node);

}  // namespace sextant
