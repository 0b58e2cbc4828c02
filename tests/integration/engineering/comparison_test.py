"""The comparison must be able to fail."""

import unittest

import catalogue_ids
from compare import are_equal, first_difference
from definitions import Metric, read_all

README = """# A
## Left out
- `chk-robust-suite-time`: because.

## Waiting
| form | metrics |
| `clip` | `pr-wip-count-q`, `pr-open-count-q` |
"""


class DefinitionsTest(unittest.TestCase):
    def setUp(self):
        self.entities = {entity.name: entity for entity in read_all()}

    def test_every_metric_has_samples_and_a_group(self):
        for entity in self.entities.values():
            for section in entity.sections:
                self.assertTrue(section.groups and section.metrics(), entity.name)

    def test_a_list_is_told_from_a_column(self):
        self.assertEqual(self.entities["jira"].sections[0].groups, [("repositories", True), ("project", False)])

    def test_a_metric_says_its_value_without_samples(self):
        metrics = {metric.name: metric for metric in self.entities["pull_requests"].sections[0].metrics()}
        self.assertEqual(metrics["pr-flow-ratio"].without_samples, "1")
        self.assertEqual(metrics["pr-opened"].without_samples, "0")
        self.assertIsNone(metrics["pr-size"].without_samples)

    def test_of_each_kind_of_pin_there_is_one(self):
        pins = {samples.pin for entity in self.entities.values() for section in entity.sections for samples in section.samples}
        self.assertEqual(pins, {"at", "during", "as_of_end", None})


class CellsTest(unittest.TestCase):
    def test_integers_must_be_the_same(self):
        self.assertTrue(are_equal("9007199254740993", "9007199254740993", 1e-3))
        self.assertFalse(are_equal("9007199254740993", "9007199254740992", 1e-3))

    def test_floats_may_differ_by_their_bound(self):
        self.assertTrue(are_equal("0.30000000000000004", "0.3", 1e-15))
        self.assertFalse(are_equal("0.3000000000001", "0.3", 1e-15))

    def test_null_equals_only_null(self):
        self.assertTrue(are_equal(None, None, 1))
        self.assertFalse(are_equal("0", None, 1))

    def test_a_cell_that_one_side_lacks_must_have_the_value_without_samples(self):
        count, mean = Metric("n", "count(*)", "0"), Metric("m", "avg(x)", None)
        self.assertIsNone(first_difference(count, {"cell": "0"}, {}))
        self.assertIsNone(first_difference(count, {}, {"cell": "0"}))
        self.assertIn("PostgreSQL has 0", first_difference(count, {"cell": "1"}, {}))
        self.assertIn("PostgreSQL has 1", first_difference(count, {}, {"cell": "1"}))
        self.assertIsNone(first_difference(mean, {"cell": None}, {}))
        self.assertIn("PostgreSQL has None", first_difference(mean, {"cell": "0"}, {}))
        self.assertIn("PostgreSQL has 2.5", first_difference(mean, {}, {"cell": "2.5"}))


class IdsTest(unittest.TestCase):
    def setUp(self):
        absent = {"chk-robust-suite-time", "pr-wip-count-q", "pr-open-count-q"}
        self.catalogued = (catalogue_ids.wanted() - absent) | catalogue_ids.OTHERS

    def contradictions(self, catalogued, defined=None):
        return catalogue_ids.contradictions(catalogued, list(catalogued if defined is None else defined), README)

    def test_there_are_163(self):
        self.assertEqual(len(catalogue_ids.wanted()), 163)

    def test_a_catalogue_with_all_but_the_absent_is_in_order(self):
        self.assertEqual(self.contradictions(self.catalogued), [])

    def test_a_metric_without_sql_is_told(self):
        self.assertEqual(self.contradictions(self.catalogued, self.catalogued - {"pr-size"}), ["pr-size: has no hand-written SQL"])

    def test_sql_without_a_metric_is_told(self):
        found = self.contradictions(self.catalogued - {"pr-size"}, self.catalogued)
        self.assertEqual(found, ["pr-size: has hand-written SQL and is not in the catalogue",
                                 "pr-size: neither in the catalogue nor named by its README"])

    def test_sql_that_is_there_twice_is_told(self):
        self.assertEqual(self.contradictions(self.catalogued, [*self.catalogued, "pr-size"]), ["pr-size: has hand-written SQL twice"])

    def test_a_metric_that_the_readme_calls_absent_is_told(self):
        self.assertEqual(self.contradictions(self.catalogued | {"pr-open-count-q"}),
                         ["pr-open-count-q: in the catalogue, and absent according to its README"])

    def test_a_metric_with_another_name_is_told(self):
        self.assertEqual(self.contradictions(self.catalogued | {"pr-magic"}), ["pr-magic: in the catalogue, and no id"])


if __name__ == "__main__":
    unittest.main()
