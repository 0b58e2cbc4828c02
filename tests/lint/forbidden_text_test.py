"""Planted paths, notes and names are found, and what only looks like them is not."""

import unittest

import forbidden_text


def messages(path: str, text: str) -> list[str]:
    return [str(finding) for finding in forbidden_text.check(path, text)]


class ForbiddenTextTest(unittest.TestCase):

    def assert_found(self, path: str, text: str, words: str):
        found = messages(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_machine_paths_are_found(self):
        for folder in ("wo" "rk", "ro" "ot"):
            self.assert_found("a.md", f"\nsee /{folder}/shared\n", "a.md:2: names a path")

    def test_paths_of_urls_and_of_folders_are_accepted(self):
        self.assertEqual(messages("a.md", "see https://example.org/wo" "rk/x and tests/ro" "ot/y\n"
                                          "cd $prefix/ro" "ot/x\n"), [])

    def test_notes_to_self_are_found(self):
        for note in ("TO" "DO", "FIX" "ME", "X" "XX"):
            self.assert_found("a.cc", f"// {note}(me): later\n", "leaves something")

    def test_registries_are_found(self):
        self.assert_found("package-lock.json", '  "resolved": "https://mirror.local/a.tgz"',
                          "mirror.local")
        self.assertEqual(messages("package-lock.json", '"version": "1.0.0"'), [])

    def test_empty_words_in_file_names_are_found(self):
        for path in ("a/string_utils.h", "a/common.cc", "a/cache_manager_test.cc",
                     "tests/query_helpers.py", "a/process.cc"):
            self.assert_found(path, "", "in a file name")

    def test_empty_words_in_class_names_are_found(self):
        self.assert_found("a.h", "class CacheManager final : public A {\n};\n", "CacheManager")
        self.assert_found("a.h", "namespace a {\nstruct RowHandle {};\n}\n", "a.h:2:")

    def test_other_words_are_accepted(self):
        self.assertEqual(messages("a/processing_time.h",
                                  "class UncommonRow {};\nclass Processor;\n"
                                  "// class Manager {\n"), [])

    def test_binary_files_are_left_alone(self):
        self.assertEqual(messages("a.bin", "\0 TO" "DO"), [])


if __name__ == "__main__":
    unittest.main()
