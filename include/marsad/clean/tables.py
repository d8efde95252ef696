"""Data tables: a row of cells reads as one line, and the rows as lines of the story.

Old sites also lay out whole pages with tables; those have long cells, cells of several
lines, or rows of different widths, and stay what they are.
"""

from __future__ import annotations

from marsad.clean.blocks import Block, Container, Document

_LONGEST_CELL = 160
_FEWEST_ROWS, _MOST_ROWS = 3, 2000


def join_rows(document: Document, table: Container) -> None:
    """Join the cells of a data table into one block a row; any other table is left alone.

    Args:
        document: the page up to and with the table, whose box has just been closed.
        table: its box.
    """
    boxes, blocks = document.containers, document.blocks
    inside = boxes[table.index + 1 :]
    rows = [box for box in inside if box.tag == "tr"]
    if not _FEWEST_ROWS <= len(rows) <= _MOST_ROWS or any(box.tag == "table" for box in inside):
        return
    filled = [row for row in rows if row.end > row.start]
    widths = [row.end - row.start for row in filled]
    if len(filled) < _FEWEST_ROWS or max(widths) < 2 or sum(w == max(widths) for w in widths) < 0.6 * len(filled):
        return
    cells = blocks[table.start : table.end]
    if sum(widths) != len(cells) or not all(_is_cell(document, cell) for cell in cells):
        return
    if len({cell.container for cell in cells}) != len(cells) or sum(c.link_share > 0.5 for c in cells) > len(cells) / 2:
        return
    del blocks[table.start :]
    for box in inside:
        box.start = box.end = len(blocks)
    for row in filled:
        members = cells[: (width := widths.pop(0))]
        del cells[:width]
        row.start = len(blocks)
        links = [link for cell in members for link in cell.links]
        text = " ".join(cell.text for cell in members)
        blocks.append(Block(len(blocks), "row", text, row.index, _home_of(document, table), links=links))
        row.end = len(blocks)
    table.end = len(blocks)
    for box in inside:
        if box.tag in ("tbody", "thead", "tfoot"):
            own = [row for row in filled if row.parent == box.index]
            box.start, box.end = (own[0].start, own[-1].end) if own else (table.end, table.end)
    for picture in document.pictures:
        picture.block = min(picture.block, table.end)
    for moment in document.times:
        moment.block = min(moment.block, table.end)


def _is_cell(document: Document, block: Block) -> bool:
    return (
        block.kind in ("cell", "paragraph", "heading")
        and len(block.text) <= _LONGEST_CELL
        and any(box.tag in ("td", "th") for box in document.ancestors(block.container)[:3])
    )


def _home_of(document: Document, table: Container) -> int:
    """The box whose text the table stands among: wrappers that hold nothing else do not count."""
    box = table
    while box.parent >= 0 and document.containers[box.parent].start == table.start:
        box = document.containers[box.parent]
    return max(0, box.parent)
