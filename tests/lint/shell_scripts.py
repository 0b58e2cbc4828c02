"""Every shell script passes shellcheck and stops at the first command that fails."""

import re
import subprocess
from typing import Iterator

from source_files import ROOT, Finding, read, run

_FINDING = re.compile(r"^-:(\d+):\d+: (.*)$", re.MULTILINE)


def is_shell(path: str) -> bool:
    return path.endswith(".sh") or re.match(r"#! ?\S*/(?:env )?(?:ba)?sh\b", read(path)) is not None


def check(path: str, text: str) -> Iterator[Finding]:
    result = subprocess.run(["shellcheck", "--external-sources", "--format=gcc", "-"], input=text, capture_output=True,
                            text=True, check=False, cwd=ROOT)
    for number, message in _FINDING.findall(result.stdout):
        yield Finding(path, int(number), message)
    if not re.search(r"^\s*(?:set -e|exec )", text, re.MULTILINE):
        yield Finding(path, 0, "has no 'set -e': it would go on after an error")


if __name__ == "__main__":
    run(check, is_shell)
