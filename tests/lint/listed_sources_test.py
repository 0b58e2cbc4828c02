"""Files that no CMakeLists.txt lists are found."""

import unittest

import listed_sources


class ListedSourcesTest(unittest.TestCase):

    def setUp(self):
        self._check = listed_sources.check_against({
            "storage": "sextant_library(storage\n  SOURCES table_loader.cc postgres/session.cc\n"
                       "  # was: gone.cc\n)",
            "compute/plan": "sextant_library(compute_plan HEADERS query.h)",
        })

    def assert_listed(self, path: str, listed: bool):
        self.assertEqual(list(self._check(path, "")) == [], listed, path)

    def test_a_file_listed_beside_or_above_is_accepted(self):
        self.assert_listed("storage/table_loader.cc", True)
        self.assert_listed("storage/postgres/session.cc", True)
        self.assert_listed("compute/plan/query.h", True)

    def test_a_file_listed_nowhere_is_found(self):
        self.assert_listed("storage/refresher.cc", False)
        self.assert_listed("service/main.cc", False)

    def test_part_of_a_name_does_not_count(self):
        self.assert_listed("storage/loader.cc", False)
        self.assert_listed("storage/session.cc", False)
        self.assert_listed("compute/plan/query.hh", False)

    def test_a_comment_does_not_count(self):
        self.assert_listed("storage/gone.cc", False)


if __name__ == "__main__":
    unittest.main()
