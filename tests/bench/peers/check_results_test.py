"""Results that differ are found, and those that say the same in another way are not."""

import os
import tempfile
import unittest

from check_results import difference

SPEC = {"keys": [{"col": "k"}], "measures": [{"fn": "sum", "as": "s"}, {"fn": "mean", "as": "m"}]}
EXPECTED = "k,s,m\na,3,0.001\nb,,\n"


class CheckResultsTest(unittest.TestCase):
    def difference(self, found: str, expected: str = EXPECTED, **options) -> str:
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("expected.csv", "found.csv")]
            for path, text in zip(paths, (expected, found)):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            return difference(SPEC, *paths, **options)

    def test_the_same_rows_in_another_order_are_equal(self):
        self.assertEqual(self.difference("m,k,s\nNaN,b,\n0.001,a,3.0\n"), "")

    def test_the_last_digits_do_not_count(self):
        self.assertEqual(self.difference("k,s,m\na,3.000001,0.0010000001\nb,,\n"), "")

    def test_another_number_differs(self):
        self.assertIn("s of", self.difference("k,s,m\na,3.1,0.001\nb,,\n"))

    def test_another_small_number_differs(self):
        self.assertIn("m of", self.difference("k,s,m\na,3,0.0010005\nb,,\n"))

    def test_no_value_is_not_zero(self):
        self.assertIn("m of", self.difference("k,s,m\na,3,0.001\nb,,0\n"))

    def test_a_sum_of_no_values_may_be_zero_where_the_engine_has_it_so(self):
        found = "k,s,m\na,3,0.001\nb,0,\n"
        self.assertIn("s of", self.difference(found))
        self.assertEqual(self.difference(found, sums_none_to_zero=True), "")

    def test_another_key_differs(self):
        self.assertIn("k of", self.difference("k,s,m\na,3,0.001\nc,,\n"))

    def test_a_row_less_differs(self):
        self.assertIn("1 rows, expected 2", self.difference("k,s,m\na,3,0.001\n"))

    def test_a_column_less_differs(self):
        self.assertIn("no column m", self.difference("k,s\na,3\nb,\n"))

    def test_an_empty_file_differs(self):
        self.assertIn("no column k", self.difference(""))

    def test_rows_are_summed_where_no_more_is_expected(self):
        expected = "rows,s,m\n2,3,0.001\n"
        self.assertEqual(self.difference(EXPECTED, expected), "")
        self.assertIn("s of", self.difference("k,s,m\na,3,0.001\nb,1,\n", expected))

    def test_a_result_that_is_not_there_differs(self):
        self.assertEqual(difference(SPEC, "no/expected.csv", "no/found.csv"), "no result")


if __name__ == "__main__":
    unittest.main()
