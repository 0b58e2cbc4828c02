"""Shell scripts with an unquoted word or without `set -e` are found."""

import unittest

import shell_scripts


def messages(text: str) -> list[str]:
    return [str(finding) for finding in shell_scripts.check("deploy/x", text)]


class ShellScriptsTest(unittest.TestCase):

    def test_what_shellcheck_finds_is_found(self):
        found = messages("#!/bin/bash\nset -euo pipefail\nrm $1\n")
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], r"^deploy/x:3: .*SC2086")

    def test_a_script_that_goes_on_after_an_error_is_found(self):
        self.assertEqual(messages("#!/bin/bash\necho a\n"),
                         ["deploy/x: has no 'set -e': it would go on after an error"])

    def test_a_sound_script_is_accepted(self):
        self.assertEqual(messages("#!/bin/bash\nset -euo pipefail\nrm \"$1\"\n"), [])
        self.assertEqual(messages("#!/bin/sh\nexec \"$@\"\n"), [])


if __name__ == "__main__":
    unittest.main()
