"""The comparison must be able to fail."""

import unittest

from answers import cells_equal, first_difference, parse_csv


class AnswersTest(unittest.TestCase):
    def test_an_empty_field_is_null_and_a_quoted_one_is_not(self):
        self.assertEqual(parse_csv('a,,""\n'), [["a", None, ""]])

    def test_quotes_commas_and_newlines_are_read(self):
        self.assertEqual(parse_csv('"a,""b""\nc",d\n'), [['a,"b"\nc', "d"]])

    def test_null_equals_only_null(self):
        self.assertTrue(cells_equal(None, None))
        self.assertFalse(cells_equal(None, ""))
        self.assertFalse(cells_equal("0", None))

    def test_integers_must_be_the_same(self):
        self.assertFalse(cells_equal("9007199254740993", "9007199254740992"))

    def test_floats_may_differ_in_the_last_bit_only(self):
        self.assertTrue(cells_equal("0.30000000000000004", "0.3000000000000000"))
        self.assertFalse(cells_equal("0.3000000000001", "0.3"))

    def test_instants_must_agree_in_their_offset_too(self):
        self.assertTrue(cells_equal("2021-03-28T00:00:00+01:00", "2021-03-28 00:00:00+01"))
        self.assertFalse(cells_equal("2021-03-28T00:00:00+01:00", "2021-03-27 23:00:00+00"))

    def test_rows_and_cells_that_differ_are_named(self):
        self.assertIn("1 rows", first_difference([["a"]], []))
        self.assertIn("row 0 column 1", first_difference([["a", "1"]], [["a", "2"]]))


if __name__ == "__main__":
    unittest.main()
