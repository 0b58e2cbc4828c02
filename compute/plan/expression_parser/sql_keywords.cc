#include "compute/plan/expression_parser/sql_keywords.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace sextant {
namespace {

/// Sorted.
constexpr std::string_view kKeywords[] = {"all",
                                          "analyse",
                                          "analyze",
                                          "and",
                                          "any",
                                          "array",
                                          "as",
                                          "asc",
                                          "asymmetric",
                                          "authorization",
                                          "between",
                                          "bigint",
                                          "binary",
                                          "bit",
                                          "boolean",
                                          "both",
                                          "case",
                                          "cast",
                                          "char",
                                          "character",
                                          "check",
                                          "coalesce",
                                          "collate",
                                          "collation",
                                          "column",
                                          "concurrently",
                                          "constraint",
                                          "create",
                                          "cross",
                                          "current_catalog",
                                          "current_date",
                                          "current_role",
                                          "current_schema",
                                          "current_time",
                                          "current_timestamp",
                                          "current_user",
                                          "dec",
                                          "decimal",
                                          "default",
                                          "deferrable",
                                          "desc",
                                          "distinct",
                                          "do",
                                          "else",
                                          "end",
                                          "except",
                                          "exists",
                                          "extract",
                                          "false",
                                          "fetch",
                                          "float",
                                          "for",
                                          "foreign",
                                          "freeze",
                                          "from",
                                          "full",
                                          "grant",
                                          "greatest",
                                          "group",
                                          "grouping",
                                          "having",
                                          "ilike",
                                          "in",
                                          "initially",
                                          "inner",
                                          "inout",
                                          "int",
                                          "integer",
                                          "intersect",
                                          "interval",
                                          "into",
                                          "is",
                                          "isnull",
                                          "join",
                                          "lateral",
                                          "leading",
                                          "least",
                                          "left",
                                          "like",
                                          "limit",
                                          "localtime",
                                          "localtimestamp",
                                          "national",
                                          "natural",
                                          "nchar",
                                          "none",
                                          "normalize",
                                          "not",
                                          "notnull",
                                          "null",
                                          "nullif",
                                          "numeric",
                                          "offset",
                                          "on",
                                          "only",
                                          "or",
                                          "order",
                                          "out",
                                          "outer",
                                          "overlaps",
                                          "overlay",
                                          "placing",
                                          "position",
                                          "precision",
                                          "primary",
                                          "real",
                                          "references",
                                          "returning",
                                          "right",
                                          "row",
                                          "select",
                                          "session_user",
                                          "setof",
                                          "similar",
                                          "smallint",
                                          "some",
                                          "substring",
                                          "symmetric",
                                          "table",
                                          "tablesample",
                                          "then",
                                          "time",
                                          "timestamp",
                                          "to",
                                          "trailing",
                                          "treat",
                                          "trim",
                                          "true",
                                          "union",
                                          "unique",
                                          "user",
                                          "using",
                                          "values",
                                          "varchar",
                                          "variadic",
                                          "verbose",
                                          "when",
                                          "where",
                                          "window",
                                          "with",
                                          "xmlattributes",
                                          "xmlconcat",
                                          "xmlelement",
                                          "xmlexists",
                                          "xmlforest",
                                          "xmlnamespaces",
                                          "xmlparse",
                                          "xmlpi",
                                          "xmlroot",
                                          "xmlserialize",
                                          "xmltable"};

/// The keywords that begin with a letter, and their lengths: bit n where there is one of n bytes.
struct KeywordsOfLetter {
  uint32_t lengths = 0;
  uint16_t begin = 0;
  uint16_t end = 0;
};
constexpr std::array<KeywordsOfLetter, 26> kOfLetter = [] {
  std::array<KeywordsOfLetter, 26> of_letter{};
  for (uint16_t i = 0; i < std::size(kKeywords); ++i) {
    KeywordsOfLetter& one = of_letter[static_cast<size_t>(kKeywords[i][0] - 'a')];
    if (one.lengths == 0) one.begin = i;
    one.lengths |= uint32_t{1} << kKeywords[i].size();
    one.end = i + 1;
  }
  return of_letter;
}();

}  // namespace

bool IsSyntaxKeyword(std::string_view word) {
  if (word.empty() || word.size() > 31 || word[0] < 'a' || word[0] > 'z') return false;
  const KeywordsOfLetter& own = kOfLetter[static_cast<size_t>(word[0] - 'a')];
  if ((own.lengths >> word.size() & 1) == 0) return false;
  // They are distinct in their last bytes too, as a rule.
  return std::any_of(kKeywords + own.begin, kKeywords + own.end, [word](std::string_view keyword) {
    return keyword.size() == word.size() && keyword.back() == word.back() && keyword == word;
  });
}

}  // namespace sextant
