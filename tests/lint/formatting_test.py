"""A file that clang-format would change is found."""

import unittest

import formatting


class FormattingTest(unittest.TestCase):

    def test_a_file_that_would_change_is_found(self):
        found = list(formatting.check("service/a.cc", "int a;\nint  b;\n"))
        self.assertEqual([str(finding) for finding in found],
                         ["service/a.cc:2: run: clang-format -i service/a.cc"])

    def test_the_style_of_the_repository_is_used(self):
        line = f"int {'a' * 90};\n"
        self.assertEqual(list(formatting.check("service/a.cc", line)), [])


if __name__ == "__main__":
    unittest.main()
