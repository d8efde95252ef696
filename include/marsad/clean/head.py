"""What a page says about itself outside its text: title, metas, canonical address, scripts with data."""

from __future__ import annotations

from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from marsad.clean.blocks import Head
from marsad.clean.text import tidy


def read_meta(attributes: Mapping[str, str | None], head: Head) -> None:
    """Note a <meta> under its property, name and itemprop."""
    content = attributes.get("content")
    if not content:
        return
    for key in ("property", "name", "itemprop"):
        names = attributes.get(key)
        if names:
            for name in names.lower().split():
                head.metas.setdefault(name, []).append(tidy(content))


def read_head(node: LexborNode, head: Head) -> None:
    """Read the <head>."""
    child = node.first_child
    while child is not None:
        tag = child.tag
        if tag == "meta":
            read_meta(child.attributes, head)
        elif tag == "title":
            head.title = head.title or tidy(child.text(deep=True) or "")
        elif tag == "link":
            attributes = child.attributes
            if head.canonical is None and "canonical" in (attributes.get("rel") or "").lower().split():
                head.canonical = (attributes.get("href") or "").strip() or None
        elif tag == "base":
            head.base = head.base or child.attributes.get("href")
        elif tag == "script":
            read_script(child, head)
        child = child.next


def read_script(node: LexborNode, head: Head) -> None:
    """Keep a script that holds data."""
    kind = (node.attributes.get("type") or "").lower()
    if "ld+json" in kind:
        head.scripts.append(node.text(deep=True) or "")
