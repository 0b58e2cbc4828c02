"""Every C++ file is as clang-format writes it."""

import re
import subprocess
from typing import Iterator

from source_files import ROOT, Finding, is_cpp, run

_WARNING = re.compile(r"^.*?:(\d+):\d+: (?:error|warning): ", re.MULTILINE)


def check(path: str, text: str) -> Iterator[Finding]:
    result = subprocess.run(
        ["clang-format", "--dry-run", "--ferror-limit=1", f"--assume-filename={ROOT}/{path}"],
        input=text, capture_output=True, text=True, check=False, cwd=ROOT)
    if match := _WARNING.search(result.stderr):
        yield Finding(path, int(match.group(1)), f"run: clang-format -i {path}")
    elif result.returncode != 0:
        yield Finding(path, 0, f"clang-format: {result.stderr.strip()}")


if __name__ == "__main__":
    run(check, is_cpp)
