"""The pictures of a story with their captions, and pages that are nothing but pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from marsad.clean.addresses import absolute
from marsad.clean.blocks import Document
from marsad.clean.context import Context
from marsad.clean.record import Image
from marsad.clean.text import fold, word_set

_FURNITURE = re.compile(r"icon|logo|pixel|spacer|avatar|emoji|placeholder|blank\.|1x1|loading\.|/ads?/", re.I)
_FIGURES = word_set("caption image photo figure img picture صورة")
_CAPTIONS = word_set("caption figcaption credit legend")
_GALLERIES = word_set("gallery slideshow slider carousel album photoalbum lightgallery")
_MOST = 20
_MANY = 4
"""Pictures that make a gallery, where the page says it is one."""
_LITTLE_TEXT = 700
_OPENS = re.compile(r"^\W*(?:بالصور|شاهد بالصور|صور|ألبوم صور|البوم صور|معرض صور|in pictures|photos|gallery)\b", re.I)


def find_images(page: Context, first: int, last: int) -> tuple[Image, ...]:
    """The story's images: those that stand in it with their captions, else the one it declares.

    Args:
        page: the page.
        first: the index of the story's first block.
        last: the index of its last block.
    """
    document = page.document
    blocks = document.blocks
    while last + 1 < len(blocks) and blocks[last + 1].kind == "caption":
        last += 1  # pictures under the text
    found: dict[str, Image] = {}
    for picture in document.pictures:
        if picture.block < first:
            continue
        if picture.block > last + 1 or len(found) >= _MOST:
            break  # pictures come in the order of the page
        address = absolute(page, picture.src)
        if address is None or address in found or _FURNITURE.search(picture.src):
            continue
        found[address] = Image(address, _caption(document, picture.container, picture.block))
    if not found:
        declared = (page.data.images if page.data else []) or [(v, None) for v in page.metas("og:image")[:1]]
        for src, caption in declared:
            if (address := absolute(page, src)) is not None:
                found.setdefault(address, Image(address, caption))
    return tuple(found.values())


def _caption(document: Document, container: int, position: int) -> str | None:
    """The caption in a picture's figure, or in the box that is marked as one."""
    boxes = document.containers
    for _ in range(3):
        if container < 0:
            break
        box = boxes[container]
        container = box.parent
        if box.tag != "figure" and box.names.isdisjoint(_FIGURES):
            continue
        if box.end - box.start > 12:
            break
        inside = document.blocks[box.start : box.end]
        texts = [b.text for b in inside if b.kind == "caption" and b.text]
        if not texts:
            # wp-caption: the text is a paragraph that only its name tells from the story's
            marked = [b for b in inside if b.text and not (b.hints | boxes[b.container].names).isdisjoint(_CAPTIONS)]
            texts = [b.text for b in marked if b.index >= position - 1 and len(b.text) <= 400]
        if not texts and 0 < len(inside) <= 2:
            # one line beside a picture in a box named for it
            texts = [b.text for b in inside if b.text and not b.is_prose and not b.links and len(b.text) <= 200][:1]
        caption = " ".join(texts[:3]).strip(" (|-")
        if caption:
            return caption
    return None


def is_gallery(page: Context, title: str | None, images: Sequence[Image], paragraphs: Sequence[str]) -> bool:
    """Whether the story is its pictures: JSON-LD, title or markup say so, it has many of them and little text."""
    text = sum(map(len, paragraphs))
    if page.data is not None and page.data.is_gallery:
        return text <= 2 * _LITTLE_TEXT
    if len(images) < _MANY or text > _LITTLE_TEXT + 200 * len(images):
        return False
    if title and _OPENS.match(fold(title)):
        return True
    if text > _LITTLE_TEXT + 100 * len(images):
        return False
    boxes = [b.index for b in page.document.containers if b.names and not b.names.isdisjoint(_GALLERIES)]
    return any(_holds_pictures(page, index) for index in boxes[:10])


def _holds_pictures(page: Context, container: int) -> bool:
    """Whether a box that calls itself a gallery holds the story's pictures rather than the site's banners."""
    document = page.document
    boxes = document.containers
    count = 0
    for picture in document.pictures[:500]:
        at = picture.container
        for _ in range(8):
            if at <= container:
                break
            at = boxes[at].parent
        count += at == container
    return count >= _MANY and (page.title_index < 0 or boxes[container].end > page.title_index)
