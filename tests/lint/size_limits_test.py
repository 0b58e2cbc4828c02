"""Files and functions one line too long are found, those at the limit are not."""

import unittest

import size_limits


def function_of(lines: int) -> str:
    return "int F() {\n" + "  Step();\n" * (lines - 2) + "}\n"


def messages(path: str, text: str) -> list[str]:
    return [str(finding) for finding in size_limits.check(path, text)]


class SizeLimitsTest(unittest.TestCase):

    def test_a_function_at_the_limit_is_accepted(self):
        self.assertEqual(messages("a.cc", function_of(70)), [])

    def test_a_function_above_the_limit_is_found(self):
        self.assertEqual(messages("a.cc", "\n" + function_of(71)),
                         ["a.cc:2: function F has 71 lines; at most 70"])

    def test_a_method_in_a_class_is_found(self):
        text = "class A {\n public:\n  " + function_of(80) + "};\n"
        self.assertEqual(len(messages("a.h", text)), 1)

    def test_a_long_class_is_accepted(self):
        self.assertEqual(messages("a.h", "class A {\n" + "  int F();\n" * 200 + "};\n"), [])

    def test_a_file_above_the_limit_is_found(self):
        self.assertEqual(messages("a.proto", "\n" * 500), [])
        self.assertEqual(messages("a.proto", "\n" * 501), ["a.proto: 501 lines; at most 500"])


if __name__ == "__main__":
    unittest.main()
