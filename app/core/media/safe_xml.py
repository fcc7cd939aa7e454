"""Reads XML that others wrote: sidecars of cameras and recorders, with caps and without entities.

Entities, external references, absurd sizes and depths are refused in words; nothing is ever fetched.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

from app.core.model.errors import BadData, Refused

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST = 4 << 20
"""Bytes of one document."""
DEEPEST = 64
MOST_ELEMENTS = 50_000
LONGEST_TEXT = 2000
"""Characters kept of one value."""


class _Parser(Protocol):
    def feed(self, data: bytes) -> None: ...
    def close(self) -> "Element": ...


def parse(data: bytes, subject: str = "") -> "Element":
    """The root element of a document.

    Args:
        data: the document, in any encoding that it declares.
        subject: what it is, for the message.

    Raises:
        Refused: too large, too deep, or it declares entities.
        BadData: it is no well-formed XML.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    if len(data) > LARGEST:
        raise _refused(f"it is larger than {LARGEST >> 20} MiB", subject)
    parser = _parser(subject)
    try:
        parser.feed(data)
        return parser.close()
    except DefusedXmlException as problem:
        raise _refused("it declares entities or refers to other documents", subject) from problem
    except (ParseError, ValueError, LookupError, AssertionError) as problem:
        raise BadData("Not well-formed XML", f"{problem}.", subject=subject) from problem


def _parser(subject: str) -> _Parser:
    from xml.etree.ElementTree import TreeBuilder

    from defusedxml.ElementTree import DefusedXMLParser

    class Capped(TreeBuilder):
        """A tree that stops growing."""

        def __init__(self) -> None:
            super().__init__()
            self.depth = 0
            self.elements = 0

        def start(self, tag: str, attrs: dict[str, str], /) -> "Element":
            self.depth += 1
            self.elements += 1
            if self.depth > DEEPEST or self.elements > MOST_ELEMENTS:
                raise _refused("it is nested or repeated beyond any real document", subject)
            return super().start(tag, attrs)

        def end(self, tag: str, /) -> "Element":
            self.depth -= 1
            return super().end(tag)

    return cast("_Parser", DefusedXMLParser(target=Capped(), forbid_dtd=False))


def name_of(element: "Element") -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def each(root: "Element", name: str) -> "Iterator[Element]":
    """All elements of a name below (and with) the root, whatever their namespace."""
    return (element for element in root.iter() if name_of(element) == name)


def first(root: "Element", *path: str) -> "Element | None":
    """The first element down a path of names, each looked for at any depth below the last."""
    found: Element | None = root
    for name in path:
        if found is None:
            return None
        found = next((one for one in each(found, name) if one is not found), None)
    return found


def text(root: "Element", *path: str) -> str | None:
    """The text of the first element down a path, stripped and capped; None where it is empty."""
    found = first(root, *path)
    value = (found.text or "").strip() if found is not None else ""
    return value[:LONGEST_TEXT] or None


def attribute(root: "Element", path: tuple[str, ...], name: str) -> str | None:
    """An attribute of the first element down a path; None where it is missing or empty."""
    found = first(root, *path)
    value = found.get(name, "").strip() if found is not None else ""
    return value[:LONGEST_TEXT] or None


def _refused(why: str, subject: str) -> Refused:
    return Refused("The document is not accepted", f"Not read: {why}.", subject=subject)
