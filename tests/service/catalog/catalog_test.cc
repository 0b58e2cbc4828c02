#include "service/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

using Environment = std::map<std::string, std::string>;

absl::StatusOr<Catalog> Load(const std::string& text, const Environment& environment = {}) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "catalog.yaml") << text;
  return LoadCatalog(folder.path().string(), environment);
}

/// What is wrong with `text`, as the user reads it.
std::string ErrorsOf(const std::string& text, const Environment& environment = {}) {
  const absl::StatusOr<Catalog> catalog = Load(text, environment);
  return catalog.ok() ? "no error" : std::string(catalog.status().message());
}

std::string WithDataset(const std::string& lines) {
  return "sources:\n  - name: warehouse\ndatasets:\n  - name: pulls\n    source: warehouse\n" +
         lines;
}

TEST(CatalogTest, FilesThatAreReadAlreadyMakeOneCatalogue) {
  const absl::StatusOr<Catalog> catalog = ParseCatalog(
      {{"a.yaml", "sources: [{name: warehouse}]"}, {"b.yaml", WithDataset("    key: [id]\n")}}, {});
  EXPECT_THAT(catalog.status().message(), HasSubstr("b.yaml:2: sources"));
}

TEST(CatalogTest, AFullDatasetIsReadAsWritten) {
  const absl::StatusOr<Catalog> catalog = Load(R"(
sources:
  - {name: warehouse, conninfo: "host=db password=${PW}", max_connections: 2}
datasets:
  - name: pulls
    source: warehouse
    table: github.pulls
    group: github
    key: [id]
    tenant: account_id
    required: true
    priority: CRITICAL
    where: created_at > '2020-01-01'
    order_by: [closed_at]
    columns: {include: [id, account_id, a, b], types: {a: 'numeric(18,4)'}, zones: {b: Europe/Berlin}, units: {a: EUR}}
    derived: {lead: b - a}
groups:
  - {name: github, refresh: {mode: full, every: 5m}}
)",
                                               {{"PW", "secret"}});
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const DatasetSpec& dataset = catalog->storage.datasets.at(0);
  EXPECT_EQ(catalog->storage.sources.at(0).conninfo, "host=db password=secret");
  EXPECT_EQ(catalog->storage.sources.at(0).max_connections, 2);
  EXPECT_EQ(dataset.table, "github.pulls");
  EXPECT_EQ(dataset.tenant, "account_id");
  EXPECT_TRUE(dataset.required);
  EXPECT_EQ(dataset.priority, LoadPriority::kCritical);
  EXPECT_THAT(dataset.include, ElementsAre("id", "account_id", "a", "b"));
  EXPECT_EQ(dataset.types.at("a"), "numeric(18,4)");
  EXPECT_EQ(dataset.zones.at("b"), "Europe/Berlin");
  EXPECT_EQ(dataset.derived.at(0).expression, "b - a");
  EXPECT_EQ(catalog->storage.groups.at(0).refresh_every_us, 300'000'000);
}

TEST(CatalogTest, ADatasetWithoutAGroupIsAGroupOfItsOwn) {
  const absl::StatusOr<Catalog> catalog = Load(WithDataset("    table: pulls\n"));
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->storage.datasets.at(0).group, "pulls");
  ASSERT_THAT(catalog->storage.groups, SizeIs(1));
  EXPECT_FALSE(catalog->storage.groups.at(0).refresh_every_us.has_value());
}

TEST(CatalogTest, FilesOfAFolderAreOneCatalogue) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "a.yaml") << "sources:\n  - name: warehouse\n";
  std::ofstream(folder.path() / "b.yml")
      << "datasets:\n  - {name: d, source: warehouse, table: d}\n";
  std::ofstream(folder.path() / "README.md") << "not: [yaml";
  EXPECT_TRUE(LoadCatalog(folder.path().string(), {}).ok());
}

TEST(CatalogTest, AnErrorNamesFileLinePathFoundAndAllowed) {
  EXPECT_THAT(
      ErrorsOf(WithDataset("    table: pulls\n    required: perhaps\n")),
      AllOf(HasSubstr(
          "catalog.yaml:7: datasets[0].required: found 'perhaps', allowed: true or false")));
}

TEST(CatalogTest, EveryErrorIsReportedAndNotOnlyTheFirst) {
  EXPECT_THAT(ErrorsOf(WithDataset("    required: perhaps\n    priority: HIGH\n")),
              AllOf(HasSubstr("required"), HasSubstr("priority"),
                    HasSubstr("neither 'table' nor 'query'")));
}

struct BadCatalog {
  const char* name;
  std::string text;
  std::vector<std::string> parts;
};

class BadCatalogTest : public ::testing::TestWithParam<BadCatalog> {};

TEST_P(BadCatalogTest, IsRefusedWithItsReason) {
  const std::string errors = ErrorsOf(GetParam().text);
  for (const std::string& part : GetParam().parts) EXPECT_THAT(errors, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Catalog, BadCatalogTest,
    ::testing::Values(
        BadCatalog{"AMisspeltKey",
                   WithDataset("    tabel: pulls\n"),
                   {"an unknown key", "did you mean 'table'"}},
        BadCatalog{"AKeyOfALaterVersion",
                   WithDataset("    table: p\n    watermark: updated_at\n"),
                   {"catalog.yaml:7", "datasets[0].watermark", "does not support"}},
        BadCatalog{"TableAndQuery",
                   WithDataset("    table: p\n    query: SELECT 1\n"),
                   {"both 'table' and 'query'"}},
        BadCatalog{
            "NoName", "datasets:\n  - {source: s, table: t}\n", {"datasets[0].name", "required"}},
        BadCatalog{"ANameWithASpace", "sources:\n  - {name: a b}\n", {"'a b'", "letters, digits"}},
        BadCatalog{
            "AnUnknownSource",
            "datasets:\n  - {name: d, source: warehose, table: t}\nsources: [{name: warehouse}]\n",
            {"datasets[0].source", "'warehose'", "warehouse"}},
        BadCatalog{"AnUnknownGroup",
                   WithDataset("    table: p\n    group: nope\n"),
                   {"datasets[0].group", "'nope'"}},
        BadCatalog{"TwoSourcesOfOneName",
                   "sources:\n  - name: a\n  - name: a\n",
                   {"sources[1].name", "catalog.yaml:2 has already", "a name of its own"}},
        BadCatalog{"TwoDatasetsOfOneName",
                   WithDataset("    table: p\n  - {name: pulls, source: warehouse, table: q}\n"),
                   {"datasets[1].name", "'pulls'"}},
        BadCatalog{"AGroupOverTwoSources",
                   "sources: [{name: a}, {name: b}]\ngroups: [{name: g}]\ndatasets:\n"
                   "  - {name: d, source: a, table: t, group: g}\n  - {name: e, source: b, table: "
                   "t, group: g}\n",
                   {"datasets[1].source", "'b' in group 'g'", "'a'"}},
        BadCatalog{"ATextWhereAListBelongs",
                   WithDataset("    table: p\n    key: id\n"),
                   {"key", "'id'", "a list of texts"}},
        BadCatalog{"AListWhereAMappingBelongs", "[1, 2]\n", {"a list", "a mapping"}},
        BadCatalog{"AMappingWhereATextBelongs",
                   WithDataset("    table: {a: b}\n"),
                   {"a mapping", "a text"}},
        BadCatalog{"ANumberOutOfRange",
                   "sources: [{name: a, max_connections: 0}]\n",
                   {"'0'", "from 1 to 64"}},
        BadCatalog{"ABadDuration",
                   "groups: [{name: g, refresh: {every: 5 minutes}}]\n",
                   {"'5 minutes'", "10m"}},
        BadCatalog{"AZeroDuration",
                   "groups: [{name: g, refresh: {every: 0s}}]\n",
                   {"'0s', allowed: a duration from 1ms"}},
        BadCatalog{"AnotherRefreshMode",
                   "groups: [{name: g, refresh: {mode: watermark}}]\n",
                   {"'watermark'", "full"}},
        BadCatalog{"AnUnknownZone",
                   WithDataset("    table: p\n    columns: {zones: {t: Mars/Base}}\n"),
                   {"zones.t", "'Mars/Base'", "IANA"}},
        BadCatalog{"ADerivedColumnThatIsNoDifference",
                   WithDataset("    table: p\n    derived: {x: a ^ b}\n"),
                   {"derived.x", "'a ^ b'"}},
        BadCatalog{"IncludeWithoutTheTenant",
                   WithDataset("    table: p\n    tenant: t\n    columns: {include: [a]}\n"),
                   {"without the tenant column 't'"}},
        BadCatalog{"TheSameKeyTwice", "sources: []\nsources: []\n", {"sources", "a second time"}},
        BadCatalog{"AMissingVariable",
                   "sources: [{name: a, conninfo: '${NOT_SET}'}]\n",
                   {"${NOT_SET}", "environment"}},
        BadCatalog{
            "AnUnclosedVariable", "sources: [{name: a, conninfo: '${X'}]\n", {"without '}'"}},
        BadCatalog{"TextThatIsNoYaml", "a: [1, 2\nb: }", {"not YAML", "catalog.yaml:"}},
        BadCatalog{"ATab", "sources:\n\t- name: a\n", {"not YAML"}},
        BadCatalog{"DeepNesting", std::string(100'000, '['), {"not YAML"}},
        BadCatalog{"NothingAtAll", "", {"datasets", "at least one"}}),
    [](const ::testing::TestParamInfo<BadCatalog>& tested) { return tested.param.name; });

TEST(CatalogTest, AMissingFolderIsNotFound) {
  EXPECT_EQ(LoadCatalog("no/such/folder", {}).status().code(), absl::StatusCode::kNotFound);
}

TEST(CatalogTest, AnEmptyFolderIsNotFound) {
  const TemporaryFolder folder;
  EXPECT_EQ(LoadCatalog(folder.path().string(), {}).status().code(), absl::StatusCode::kNotFound);
}

TEST(CatalogTest, NoErrorShowsTheValueOfAVariable) {
  EXPECT_THAT(ErrorsOf("sources: [{name: a b, conninfo: 'password=${PW} ${NOT_SET}'}]\n",
                       {{"PW", "hunter2"}}),
              AllOf(HasSubstr("a b"), Not(HasSubstr("hunter2"))));
}

TEST(CatalogTest, TheFilesAloneNeedNoEnvironment) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "catalog.yaml")
      << "sources: [{name: w, conninfo: 'host=${HOST} password=${PW}'}]\n"
         "datasets: [{name: d, source: w, table: d}]\n";
  const absl::StatusOr<Catalog> catalog = LoadCatalogFiles(folder.path().string());
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_EQ(catalog->storage.sources.at(0).conninfo, "host=${HOST} password=${PW}");
}

TEST(CatalogTest, TheFilesAloneAreStillChecked) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "catalog.yaml") << "sources: [{name: w, conninfo: '${HOST'}]\n";
  EXPECT_THAT(std::string(LoadCatalogFiles(folder.path().string()).status().message()),
              HasSubstr("'${' without '}'"));
}

TEST(CatalogTest, AFileOverOneMebibyteIsRefused) {
  EXPECT_THAT(ErrorsOf("# " + std::string(1 << 20, 'x')), HasSubstr("at most 1048576 bytes"));
}

TEST(CatalogTest, AliasesThatMultiplyCostNothing) {
  std::string text = "a: &a [x, x]\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const std::string previous(1, static_cast<char>(name - 1));
    text += std::string(1, name) + ": &" + name + " [*" + previous + ", *" + previous + "]\n";
  }
  EXPECT_THAT(ErrorsOf(text), HasSubstr("an unknown key"));
}

}  // namespace
}  // namespace sextant
