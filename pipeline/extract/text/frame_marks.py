"""Zone marks of a drawing's frame: the letters and numbers along its edges, which say nothing of the part."""

from __future__ import annotations

from pipeline.extract.model import Block, Page

_EDGE = 0.05  # share of the page from its edges in which frames have their marks
_ACROSS = 0.7  # share of the page between a mark and its like at the other side, where both came as one block
_LONGEST_MARK = 2


def is_frame_mark(block: Block, page: Page) -> bool:
    """Whether a block is nothing but zone marks: lone letters or numbers at the very edge, or one and the same at both edges."""
    if block.bbox is None or not page.width or not page.height:
        return False
    marks = block.text.split()
    if not marks or any(len(mark) > _LONGEST_MARK or not mark.isalnum() for mark in marks):
        return False
    x0, y0, x1, y1 = block.bbox
    margin = _EDGE * min(page.width, page.height)
    if y1 < margin or x1 < margin or y0 > page.height - margin or x0 > page.width - margin:
        return True
    is_across = x1 - x0 > _ACROSS * page.width or y1 - y0 > _ACROSS * page.height
    return is_across and len(marks) > 1 and len(marks) == 2 * len(set(marks))
