"""The report of an evaluation: means by group, what no chunk holds, what was not found although it could be."""

from __future__ import annotations

from uuid import UUID

from pipeline.observe.retrieval_report import figures, markdown
from pipeline.search.evaluation import Evaluation, score
from pipeline.search.judgements import CUT, Answer, Question


def question(name: str, kind: str, failure_mode: str) -> Question:
    return Question(name, f"query of {name}", kind, failure_mode, (("a.pdf", "x", 2),))


def answer(reason: str = "") -> tuple[Answer, ...]:
    return (Answer("a | b.pdf", UUID(int=1), "x", 2, reason),)


EVALUATION = Evaluation(
    questions=(question("q1", "lookup", "none"), question("q2", "typo", "none"), question("q3", "lookup", "table")),
    answers={"q1": answer(), "q2": answer(), "q3": answer(CUT)},
    scores={"fulltext": {"q1": score([2], [2], 10), "q2": score([0] * 20 + [2], [2], 10), "q3": score([0], [2], 10)}},
    k=10, model="m@1/3", chunks=1234)


def test_means_are_taken_over_all_over_what_can_be_found_and_by_group() -> None:
    found = figures(EVALUATION)
    assert found["overall"]["fulltext"]["recall"] == 0.3333
    assert found["reachable"]["fulltext"] == {"questions": 2, "recall": 0.5, "found": 0.5, "reciprocal_rank": 0.5, "ndcg": 0.5}
    assert {name: modes["fulltext"]["questions"] for name, modes in found["by_kind"].items()} == {"lookup": 2, "typo": 1}
    assert found["by_failure_mode"]["table"]["fulltext"]["ndcg"] == 0


def test_answers_in_no_chunk_are_listed_with_their_reason() -> None:
    found = figures(EVALUATION)
    assert found["unreachable"] == [{"id": "q3", "blob_key": "a | b.pdf", "reason": CUT, "grade": 2}]
    assert found["unreachable_reasons"] == {CUT: 1}
    assert "a \\| b.pdf" in markdown(found)


def test_questions_that_could_be_answered_and_were_not_are_listed_with_the_place_of_their_answer() -> None:
    worst = markdown(figures(EVALUATION)).split("## Questions with the least found")[1]
    assert "| q2 | query of q2 | none | 21 |" in worst
    assert "q1" not in worst
    assert "q3" not in worst
