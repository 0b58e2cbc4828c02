"""Just enough C++ to find classes, functions and members: a brace matcher over clang-formatted text.

Not a parser. It trusts that the text compiles; macros that open a brace without closing it would
confuse it, and there are none.
"""

import re
from typing import Iterator, NamedTuple, Optional

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.MULTILINE)


def _blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def blanked(text: str) -> str:
    """`text` without comments, strings, characters and directives; lines and columns stay."""
    return _DIRECTIVE.sub(_blank, _TOKEN.sub(_blank, text))


class Scope(NamedTuple):
    """What is between a pair of braces. Lines count from 1 and include the head and both braces."""

    kind: str  # "namespace", "class", "enum", "function" or "block"
    name: str
    first_line: int
    last_line: int


class Statement(NamedTuple):
    """A declaration that ended with `;` directly inside the class that begins at `class_line`."""

    text: str
    class_line: int
    first_line: int
    last_line: int


class _Open(NamedTuple):
    kind: str
    name: str
    first_line: int


_LABELS = re.compile(r"^\s*(?:(?:public|private|protected)\s*:\s*)+")
_CLASS = re.compile(r"\b(?:class|struct|union)\s+(?:\[\[\w+\]\]\s+)*([A-Za-z_][\w:]*)"
                    r"\s*(?:final\s*)?(?::(?!:).*)?$", re.DOTALL)
_CONTROL = re.compile(r"(if|for|while|switch|do|else|try|catch|return)\b")
_INITIALISER = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)(?:.*,)?\s*\w+$", re.DOTALL)


def _bare(head: str) -> str:
    """`head` without template arguments, alignas and the signs of operators, which would mislead."""
    text = re.sub(r"\boperator\s*(?:\(\)|[^\s\w(]+)", "operator_", head)
    text = re.sub(r"\b(?:alignas|decltype|ABSL_GUARDED_BY)\s*\([^()]*\)", "", text)
    previous = None
    while previous != text:
        previous = text
        text = re.sub(r"(?<=\w)<[^<>]*>|\btemplate\s*<[^<>]*>", "", text)
    return text.strip()


def _kind_of(head: str, parent: Optional[_Open]) -> tuple[str, str]:
    """What the brace after `head` opens."""
    if parent is not None and parent.kind not in ("namespace", "class"):
        return "block", ""
    bare = _bare(_LABELS.sub("", head))
    if re.search(r"\bnamespace\b", bare) or bare == "extern":
        return "namespace", bare
    if bare.startswith("enum"):
        return "enum", bare
    if "(" not in bare.split("=")[0]:
        match = _CLASS.search(bare)
        return ("class", match.group(1)) if match else ("block", "")
    if _CONTROL.match(bare) or _INITIALISER.search(bare):
        return "block", ""
    return "function", bare.split("(")[0].split()[-1]


def _walk(text: str) -> Iterator[object]:
    """Yields each Scope when it closes, and each Statement of a class."""
    stack: list[_Open] = []
    start = 0  # where the statement that we are in begins
    line_of = _LineIndex(text)
    parentheses = 0
    for match in re.finditer(r"[(){};]", text):
        mark, at = match.group(), match.start()
        if mark in "()":
            parentheses += 1 if mark == "(" else -1
            continue
        head = text[start:at]
        parent = stack[-1] if stack else None
        if mark == "{":
            kind, name = ("block", "") if parentheses else _kind_of(head, parent)
            stack.append(_Open(kind, name, line_of.first_word(start)))
            if kind != "block":
                start = at + 1
        elif mark == "}" and stack:
            opened = stack.pop()
            yield Scope(opened.kind, opened.name, opened.first_line, line_of(at))
            if opened.kind != "block":
                start = at + 1
        elif mark == ";" and not parentheses:
            if parent is None or parent.kind != "block":
                if parent is not None and parent.kind == "class":
                    yield Statement(head, parent.first_line, line_of.first_word(start),
                                    line_of(at))
                start = at + 1


class _LineIndex:
    """Offsets to line numbers."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def __call__(self, offset: int) -> int:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + 1

    def first_word(self, offset: int) -> int:
        """The line of the first non-blank at or after `offset`."""
        match = re.compile(r"\S").search(self._text, offset)
        return self(match.start() if match else offset)


def scopes(text: str) -> Iterator[Scope]:
    """The classes and functions (and other braces) of C++ `text`, inner ones first."""
    return (item for item in _walk(blanked(text)) if isinstance(item, Scope))


def members(text: str) -> Iterator[Statement]:
    """The data members of the classes of C++ `text`: no functions, aliases or friends."""
    for item in _walk(blanked(text)):
        if isinstance(item, Statement) and _is_data_member(item.text):
            yield item


def _is_data_member(statement: str) -> bool:
    declaration = _bare(_LABELS.sub("", statement))
    if re.match(r"(using|typedef|friend|static_assert|enum|class|struct)\b", declaration):
        return False
    name = re.split(r"[={]", declaration)[0]
    return bool(name) and "(" not in name
