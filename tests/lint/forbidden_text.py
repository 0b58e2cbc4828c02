"""What no file of the repository says: paths of one machine, notes to self, and empty names."""

import posixpath
import re
from typing import Iterator

import cpp_scopes
from source_files import Finding, is_cpp, run

# In two parts, so that this file does not find itself.
_MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:wo" r"rk|ro" r"ot)/")
_NOTE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
# npm writes the address of the registry it was told to use (`omit-lockfile-registry-resolved` stops it).
_RESOLVED = re.compile(r'"resolved":\s*"(https?://[^"]*)"')
_EMPTY_WORDS = frozenset(
    ["util", "utils", "helper", "helpers", "common", "manager", "process", "handle"])
_FOREIGN_TERMS = ("process_metrics", "ProcessMetrics")  # Prometheus calls them process_*
_CLASS_NAME = re.compile(r"\b(?:class|struct)\s+(?:\[\[\w+\]\]\s+)?([A-Z]\w*)(?=[^;]*?\{)")


def _empty_word(name: str) -> str:
    """The word of a snake_case or CamelCase name that says nothing, or ""."""
    if name.startswith(_FOREIGN_TERMS):
        return ""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)
    return next((word for word in words if word.lower() in _EMPTY_WORDS), "")


def _check_lines(path: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), start=1):
        if _MACHINE_PATH.search(line):
            yield Finding(path, number, "names a path of one machine")
        if _NOTE.search(line):
            yield Finding(path, number, "leaves something to do; do it, or write an issue")
        if path.endswith(".json") and (resolved := _RESOLVED.search(line)):
            yield Finding(path, number, f"names a registry: {resolved.group(1)}")


def _check_names(path: str, text: str) -> Iterator[Finding]:
    stem = posixpath.basename(path).split(".")[0]
    if word := _empty_word(stem):
        yield Finding(path, 0, f"'{word}' in a file name says nothing; name what it does")
    if not is_cpp(path):
        return
    code = cpp_scopes.blanked(text)
    for match in _CLASS_NAME.finditer(code):
        if word := _empty_word(match.group(1)):
            line = code.count("\n", 0, match.start()) + 1
            yield Finding(path, line, f"'{word}' in {match.group(1)} says nothing; name what it is")


def check(path: str, text: str) -> Iterator[Finding]:
    if "\0" in text:
        return
    yield from _check_lines(path, text)
    yield from _check_names(path, text)


if __name__ == "__main__":
    run(check, lambda path: True)
