"""Read the title block of a drawing sheet, whatever it was read from."""

from pipeline.extract.title_block.finding import TitleBlock, find_title_block, finish_fields, looks_like_title_block

__all__ = ["TitleBlock", "find_title_block", "finish_fields", "looks_like_title_block"]
