"""What a file's OCR may cost."""

from __future__ import annotations

import time

from pipeline.extract.ocr.budget import OcrBudget
from pipeline.extract.options import ReadOptions


def test_pages_are_bounded() -> None:
    budget = OcrBudget(ReadOptions(ocr_max_pages=2))
    assert [budget.allows(read) for read in range(4)] == [True, True, False, False]


def test_waiting_costs_nothing_and_work_does() -> None:
    budget = OcrBudget(ReadOptions(ocr_seconds=0.02))
    with budget.spent():
        time.sleep(0.05)  # a busy machine: others have the processor
    assert budget.allows(0)
    with budget.spent():
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
    assert not budget.allows(0)


def test_time_on_the_wall_is_the_last_bound() -> None:
    assert not OcrBudget(ReadOptions(pdf_seconds=0.0)).allows(0)
