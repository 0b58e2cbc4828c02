"""Every source and header is listed in the CMakeLists.txt of its folder or of one above.

A file that is listed nowhere is not compiled, and a test that is not listed never runs.
"""

import posixpath
import re
from typing import Callable, Iterator

from source_files import Finding, is_cpp, read, run, all_paths


def _lists_above(path: str, lists: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(path relative to the folder, text of its CMakeLists.txt), from the nearest folder up."""
    folder = posixpath.dirname(path)
    while folder:
        if folder in lists:
            yield posixpath.relpath(path, folder), lists[folder]
        folder = posixpath.dirname(folder)


def check_against(lists: dict[str, str]) -> Callable[[str, str], Iterator[Finding]]:
    """The check, given the text of each folder's CMakeLists.txt."""

    def check(path: str, _text: str) -> Iterator[Finding]:
        for relative, listing in _lists_above(path, lists):
            code = re.sub(r"#[^\n]*", "", listing)
            if re.search(rf"(?<![\w./-]){re.escape(relative)}(?![\w.-])", code):
                return
        yield Finding(path, 0, "is listed in no CMakeLists.txt")

    return check


if __name__ == "__main__":
    run(check_against({posixpath.dirname(path): read(path) for path in all_paths()
                       if posixpath.basename(path) == "CMakeLists.txt"}), is_cpp)
