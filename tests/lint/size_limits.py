"""A file has at most 500 lines, a function at most 70: what does not fit a screen is not read."""

from typing import Iterator

import cpp_scopes
from source_files import Finding, is_cpp, run

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70


def check(path: str, text: str) -> Iterator[Finding]:
    lines = text.count("\n")
    if lines > MAX_FILE_LINES:
        yield Finding(path, 0, f"{lines} lines; at most {MAX_FILE_LINES}")
    if not is_cpp(path):
        return
    for scope in cpp_scopes.scopes(text):
        length = scope.last_line - scope.first_line + 1
        if scope.kind == "function" and length > MAX_FUNCTION_LINES:
            yield Finding(path, scope.first_line,
                          f"function {scope.name} has {length} lines; at most {MAX_FUNCTION_LINES}")


if __name__ == "__main__":
    run(check, lambda path: is_cpp(path) or path.endswith((".py", ".proto", ".sh", ".cmake")))
