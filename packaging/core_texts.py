"""Finds the texts of `app/core` that the window may show: the core knows no Qt, so its words are read from its source.

The errors that `app/ui` itself raises are among them: they reach the person in the same way.

Every sentence of the core is a text: what errors, reasons, problems and labels say. An f-string becomes a template with
`{0}`, `{1}`; a choice between two words inside it becomes two templates. What is no text for people is left out by rule.
"""

import ast
import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "app" / "core"
WINDOW = ROOT / "app" / "ui"
IGNORING = ROOT / "resources" / "ignore.toml"
CARDS = ROOT / "resources" / "cards"
WORDED = frozenset(
    [
        "_WHY",
        "allowed",
        "amount",
        "error",
        "fault",
        "index_fault",
        "info",
        "kind",
        "known",
        "message",
        "more",
        "owner",
        "presence",
        "problem",
        "reason",
        "said",
        "span",
        "todo",
        "verdict",
        "way",
        "what",
        "why",
        "word",
        "words",
        "_how_much",
        "_words",
    ]
)
"""What a value inside a text is called where it is a text of the core itself; all other values are data."""
COMMAND_LINE_ONLY = frozenset(
    {
        "checking.py",
        "doctor.py",
        "doctor_programs.py",
        "settings_text.py",
        "integrity.py",
        "narrowing.py",
        "guards.py",
    }
)
"""Files whose sentences no window shows: what the command line says, SQL, and words that are never shown."""
ALONE = frozenset({"_WHY", "_WHAT", "_KINDS", "KINDS"})
"""Tables whose values are texts, also where they are a single word."""
_SPOKEN_ENUMS = CORE / "model" / "media.py"
_PROSE = re.compile(r"[A-Za-z0-9}.,:;'’”)%] +[A-Za-z{“(]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_NO_TEXT = re.compile(
    r"\b(SELECT|WHERE|AND|OR|ORDER BY|COLLATE|EXISTS|IS NULL|IS NOT|MATCH|CASE|UPDATE|INSERT|FROM|DESC|LIMIT|AS|JOIN)\b"
    r"|^(CREATE|DROP|ALTER|PRAGMA|BEGIN) |^[a-z]\.|^id, hlc"
    r"|= \?|<|\n|\||%[sdr]|[\\^]|^(sudo|brew|winget|pip|echo|apt|duration|bytes|ffconcat) "
    r"|^(moov atom|Vielen|Merci|[A-Z][a-z]+ raw still$)"
)
_UNSAID_CALLS = frozenset(
    [
        "debug",
        "info",
        "warning",
        "exception",
        "compile",
        "match",
        "fullmatch",
        "search",
        "sub",
        "startswith",
        "endswith",
        "replace",
        "all",
        "one",
        "value",
        "run",
        "many",
        "refs",
        "Take",
        "frozenset",
        "fromhex",
        "strptime",
        "getLogger",
        "Path",
        "TimeoutError",
        "PermissionError",
        "NotADirectoryError",
        "ConnectionResetError",
        "ConnectionRefusedError",
        "ValueError",
        "RuntimeError",
        "OSError",
        "KeyError",
        "TypeError",
        "LookupError",
    ]
)
_MAKERS = frozenset({"_missing"})
"""Functions of the window that make an error of the words they are given."""
_QUOTED = ast.Pass()
"""A value in quotes: somebody's words or a code, never a text of the core."""
_SAID_KEYWORDS = frozenset({"title", "message", "todo"})


@dataclass(frozen=True, order=True)
class CoreText:
    """One text of the core: `{0}` stand for values, `worded` are those that are texts themselves."""

    source: str
    worded: tuple[int, ...] = ()


def core_texts() -> list[CoreText]:
    """Every text of the core that the window may show, in order."""
    files = sorted([*CORE.rglob("*.py"), *WINDOW.rglob("*.py")])
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    errors = _error_classes(trees.values())
    found: dict[str, set[int]] = {}
    for path, tree in trees.items():
        for text in _Reader(path, errors).texts(tree):
            found.setdefault(text.source, set()).update(text.worded)
    for text in itertools.chain(_of_settings(), _of_rules()):
        found.setdefault(text, set())
    return sorted(CoreText(source, tuple(sorted(worded))) for source, worded in found.items())


def _of_settings() -> Iterator[str]:
    from app.core.platform.setting_info import describe

    for info in describe():
        yield info.title
        yield info.setting.help
        for choice in info.setting.choices:
            if isinstance(choice, str) and choice.islower():
                yield choice
        if len(info.setting.unit) > 2 and info.setting.unit.isalpha():
            yield info.setting.unit


def _of_rules() -> Iterator[str]:
    def reasons(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            for key, value in part.items():
                if key == "reason" and isinstance(value, str):
                    yield value
                yield from reasons(value)
        elif isinstance(part, list):
            for value in part:
                yield from reasons(value)

    yield from reasons(tomllib.loads(IGNORING.read_text("utf-8")))
    yield "Part"
    for path in sorted(CARDS.glob("*.toml")):
        named = tomllib.loads(path.read_text("utf-8")).get("parts")
        if isinstance(named, str):
            yield named.capitalize()


def _error_classes(trees: object) -> frozenset[str]:
    bases: dict[str, set[str]] = {}
    for tree in trees:  # type: ignore[attr-defined]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    known = {"RushesError"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return frozenset(known)


class _Reader:
    """Reads one file."""

    def __init__(self, path: Path, errors: frozenset[str]) -> None:
        self._path = path
        self._errors = errors
        left_out = path.name in COMMAND_LINE_ONLY or path.name.startswith("sample")
        self._quiet = left_out or WINDOW in path.parents
        """Only what errors say is read here."""
        self._places = {"Recipe": 1} | ({"say": 0} if path.name.startswith("sample") else {})
        """Which argument of a call is a text: a recipe's title, what is said while the sample is made."""

    def texts(self, tree: ast.AST) -> Iterator[CoreText]:
        yield from self._visit(tree, said=False)

    def _visit(self, node: ast.AST, *, said: bool) -> Iterator[CoreText]:
        if _is_text(node):
            yield from self._emit(node, said)
            for value in _values(node):
                yield from self._visit(value, said=False)
        elif isinstance(node, ast.Call):
            yield from self._visit_call(node)
        elif isinstance(node, ast.ClassDef) and self._path == _SPOKEN_ENUMS:
            yield from self._visit_enum(node)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            for child, also in _children(node, said):
                yield from self._visit(child, said=also)

    def _visit_call(self, node: ast.Call) -> Iterator[CoreText]:
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in _UNSAID_CALLS and name not in self._errors:
            return
        if name == "cast" and len(node.args) == 2:
            yield from self._visit(node.args[1], said=False)
            return
        error = name in self._errors or name in _MAKERS
        if not (isinstance(node.func, ast.Attribute) and _is_text(node.func.value)):
            # What joins texts is none.
            yield from self._visit(node.func, said=False)
        for place, argument in enumerate(node.args):
            said = (error and place < 2) or self._places.get(name) == place
            yield from self._visit(argument, said=said)
        for keyword in node.keywords:
            if not error or keyword.arg in _SAID_KEYWORDS:
                yield from self._visit(keyword.value, said=error)

    def _visit_enum(self, node: ast.ClassDef) -> Iterator[CoreText]:
        for statement in node.body:
            if isinstance(statement, ast.Assign) and "Enum" in ast.unparse(node.bases[0]):
                yield from self._emit(statement.value, said=True)

    def _emit(self, node: ast.AST, said: bool) -> Iterator[CoreText]:
        for pieces in _forms(node):
            source, worded, number = "", [], 0
            for piece in pieces:
                if isinstance(piece, str):
                    source += piece
                    continue
                source += f"{{{number}}}"
                if WORDED & set(_names(piece)):
                    worded.append(number)
                number += 1
            source = source.strip()
            bare = re.sub(r"\{\d+\}", "", source)
            if not _WORD.search(bare) and (self._quiet or not worded or ": " not in bare):
                continue
            if not said and (self._quiet or not _PROSE.search(source) or _NO_TEXT.search(source)):
                continue
            yield CoreText(source, tuple(worded))


def _children(node: ast.AST, said: bool) -> Iterator[tuple[ast.AST, bool]]:
    """The parts of a node that may hold texts, and whether those are texts for certain."""
    if isinstance(node, ast.Dict):
        yield from ((value, said) for value in node.values)
    elif isinstance(node, ast.Compare):
        yield node.left, False
    elif isinstance(node, ast.Subscript):
        yield node.value, False
    elif isinstance(node, ast.IfExp | ast.BoolOp | ast.Tuple):
        test = getattr(node, "test", None)
        yield from ((child, said and child is not test) for child in ast.iter_child_nodes(node))
    else:
        alone = isinstance(node, ast.Assign | ast.AnnAssign) and bool(ALONE & set(_targets(node)))
        yield from ((child, alone) for child in ast.iter_child_nodes(node))


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr)


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """What is put into a text."""
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield part.value
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _values(side) if _is_text(side) else (side,)


def _forms(node: ast.AST) -> list[list[str | ast.AST]]:
    """Every form of a text: pieces of words, and the expressions of values between."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [[node.value]]
    if isinstance(node, ast.FormattedValue):
        if node.conversion == ord("r"):
            return [[_QUOTED]]
        choice = node.value
        return _forms(choice) if _is_choice(choice) else [[choice]]
    if _is_choice(node):
        return [*_forms(node.body), *_forms(node.orelse)]  # type: ignore[attr-defined]
    if isinstance(node, ast.JoinedStr):
        parts = [_forms(part) for part in node.values]
    elif isinstance(node, ast.BinOp) and _is_text(node):
        parts = [_forms(node.left), _forms(node.right)]
    else:
        return [[node]]
    return [list(itertools.chain(*chosen)) for chosen in itertools.product(*parts)]


def _is_choice(node: ast.AST) -> bool:
    return isinstance(node, ast.IfExp) and _is_text(node.body) and _is_text(node.orelse)


def _names(node: ast.AST) -> Iterator[str]:
    """What a value is called: its own names, not those of what it is formatted with."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Call):
        yield from _names(node.func)
        if isinstance(node.func, ast.Attribute):
            yield from _names(node.func.value)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _names(value)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield str(node.slice.value)


def _targets(node: ast.AST) -> Iterator[str]:
    for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:  # type: ignore[attr-defined]
        if isinstance(target, ast.Name):
            yield target.id
