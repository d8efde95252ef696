"""Marsad and its peers, each as one function: bytes and address in, what it read out.

Nothing is imported before a reader is asked for: each runs in a process of its own, and only
the peers' processes have the peers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Reading = Mapping[str, Any]
"""``text`` (the main story's), and where the tool gives them ``title``, ``date`` (ISO 8601) and ``authors``;
``stories`` from a tool that tells several stories of one page apart."""
Reader = Callable[[bytes, str | None, str], Reading]
"""Content, address, language (ISO 639-1) to what was read."""


def _marsad() -> Reader:
    from marsad.clean.page import read_page

    def read(content: bytes, url: str | None, language: str) -> Reading:
        stories = [
            {
                "role": s.role,
                "title": s.title,
                "paragraphs": s.paragraphs,
                "date": s.published_at.isoformat() if s.published_at else None,
                "keywords": s.keywords,
                "attributions": s.attributions,
                "links": [[k.kind, k.title] for k in s.links],
                "authors": s.authors,
            }
            for s in read_page(content, url=url).stories
        ]
        main = stories[0]
        return {**main, "text": "\n".join(main["paragraphs"]), "stories": stories}

    return read


def _trafilatura(**options: bool) -> Reader:
    from trafilatura import bare_extraction

    def read(content: bytes, url: str | None, language: str) -> Reading:
        found = bare_extraction(content, url=url, include_comments=False, with_metadata=True, **options)
        if found is None:
            return {"text": ""}
        authors = [a.strip() for a in (found.author or "").split(";") if a.strip()]
        return {"text": found.text or "", "title": found.title, "date": found.date, "authors": authors}

    return read


def _readability() -> Reader:
    from lxml.html import fromstring
    from readability import Document

    def read(content: bytes, url: str | None, language: str) -> Reading:
        page = Document(content)
        return {"text": _block_text(fromstring(page.summary())), "title": page.short_title()}

    return read


def _block_text(tree: Any) -> str:
    for element in tree.iter("p", "br", "div", "li", "h1", "h2", "h3", "h4", "blockquote", "td"):
        element.tail = "\n" + (element.tail or "")
    return str(tree.text_content())


def _resiliparse() -> Reader:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    from resiliparse.parse.html import HTMLTree

    def read(content: bytes, url: str | None, language: str) -> Reading:
        tree = HTMLTree.parse(bytes_to_str(content, detect_encoding(content)))
        return {"text": extract_plain_text(tree, main_content=True, comments=False), "title": tree.title}

    return read


def _newspaper() -> Reader:
    from newspaper import Article

    def read(content: bytes, url: str | None, language: str) -> Reading:
        article = Article(url or "http://page.example/", language=language, fetch_images=False)
        article.download(input_html=content.decode("utf-8", "replace"))
        article.parse()
        day = article.publish_date
        date = day.isoformat() if hasattr(day, "isoformat") else day
        return {"text": article.text, "title": article.title, "date": date, "authors": list(article.authors)}

    return read


def _goose() -> Reader:
    from goose3 import Goose
    from goose3.text import StopWordsArabic

    tools = {
        "ar": Goose({"enable_image_fetching": False, "stopwords_class": StopWordsArabic}),
        "": Goose({"enable_image_fetching": False}),
    }

    def read(content: bytes, url: str | None, language: str) -> Reading:
        found = tools.get(language, tools[""]).extract(raw_html=content.decode("utf-8", "replace"))
        return {
            "text": found.cleaned_text,
            "title": found.title,
            "date": found.publish_date,
            "authors": list(found.authors or ()),
        }

    return read


def _magic() -> Reader:
    from lxml.html import fromstring
    from magic_html import GeneralExtractor

    tool = GeneralExtractor()

    def read(content: bytes, url: str | None, language: str) -> Reading:
        found = tool.extract(content.decode("utf-8", "replace"), base_url=url or "http://page.example/")
        body = found.get("html") or ""
        return {"text": _block_text(fromstring(body)) if body.strip() else "", "title": found.get("title")}

    return read


def _rs_trafilatura() -> Reader:
    import rs_trafilatura

    def read(content: bytes, url: str | None, language: str) -> Reading:
        found = rs_trafilatura.extract(content.decode("utf-8", "replace"), url=url)
        text = getattr(found, "main_content", None) or getattr(found, "content_text", None) or ""
        author = getattr(found, "author", None)
        return {
            "text": text,
            "title": getattr(found, "title", None),
            "date": getattr(found, "date", None),
            "authors": [author] if author else [],
        }

    return read


READERS: dict[str, tuple[str, Callable[[], Reader]]] = {
    "marsad": ("marsad", _marsad),
    "trafilatura": ("trafilatura", _trafilatura),
    "trafilatura, precision": ("trafilatura", lambda: _trafilatura(favor_precision=True)),
    "readability-lxml": ("readability-lxml", _readability),
    "resiliparse": ("resiliparse", _resiliparse),
    "newspaper4k": ("newspaper4k", _newspaper),
    "goose3": ("goose3", _goose),
    "magic-html": ("magic-html", _magic),
    "rs-trafilatura": ("rs-trafilatura", _rs_trafilatura),
}
"""By the name in the table: the distribution whose version is reported, and how the reader is made."""
