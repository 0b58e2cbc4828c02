"""Mutants that change nothing, or that no file belongs to, are found."""

import unittest

import mutants

_TARGET = "tests/lint/mutants.py"


def messages(text: str) -> list[str]:
    return [str(finding) for finding in mutants.check("m.sed", text)]


class MutantsTest(unittest.TestCase):

    def test_one_that_changes_nothing_is_found(self):
        self.assertEqual(messages(f"# {_TARGET}\n# breaks it\ns/no such[ ]text/x/\n"),
                         [f"m.sed: changes nothing in {_TARGET}: it is out of date"])

    def test_one_of_a_file_that_is_gone_is_found(self):
        self.assertEqual(messages("# gone.cc\n# breaks it\ns/a/b/\n"), ["m.sed:1: 'gone.cc' is not there"])

    def test_one_that_sed_does_not_understand_is_found(self):
        self.assertRegex(messages(f"# {_TARGET}\n# breaks it\ns/a\n")[0], r"^m.sed: sed: ")

    def test_one_without_its_first_two_lines_is_found(self):
        self.assertEqual(len(messages("s/a/b/\n")), 1)

    def test_one_that_changes_its_file_is_accepted(self):
        self.assertEqual(messages(f"# {_TARGET}\n# breaks it\ns/import/export/\n"), [])


if __name__ == "__main__":
    unittest.main()
