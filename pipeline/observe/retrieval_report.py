"""An evaluation of search as figures for programs and as Markdown for a person: what is found, where it fails, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from statistics import fmean
from typing import Any

from pipeline.observe.reports import table
from pipeline.search.evaluation import GAIN_DEPTH, Evaluation, Score
from pipeline.search.judgements import Question
from pipeline.search.metrics import ANSWERS

Figures = dict[str, Any]  # JSON

WORST = 30  # questions listed
NAMES = {"fulltext": "full text", "vector": "vector", "hybrid": "hybrid"}
MEANS = {"recall": "recall@{k}", "found": "found@{k}", "reciprocal_rank": "MRR@10", "ndcg": "nDCG@10"}


def figures(evaluation: Evaluation) -> Figures:
    """All figures, JSON."""
    unreachable = [{"id": question.id, "blob_key": answer.blob_key, "reason": answer.reason, "grade": answer.grade}
                   for question in evaluation.questions for answer in evaluation.answers[question.id] if answer.reason]
    return {
        "questions": len(evaluation.questions),
        "answers": sum(answer.grade >= ANSWERS for answers in evaluation.answers.values() for answer in answers),
        "chunks": evaluation.chunks,
        "model": evaluation.model,
        "k": evaluation.k,
        "overall": _by_mode(evaluation, lambda _: True),
        "reachable": _by_mode(evaluation, lambda question: _is_reachable(evaluation, question)),
        "by_kind": _grouped(evaluation, lambda question: question.kind),
        "by_failure_mode": _grouped(evaluation, lambda question: question.failure_mode),
        "unreachable": unreachable,
        "unreachable_reasons": dict(Counter(one["reason"] for one in unreachable).most_common()),
        "per_question": [_one(evaluation, question) for question in evaluation.questions],
    }


def markdown(found: Figures) -> str:
    k = found["k"]
    header = ["", "questions", *(name.format(k=k) for name in MEANS.values())]
    lines = [
        "# How well search finds what answers the questions", "",
        f"{found['questions']} questions with {found['answers']} answers, over {found['chunks']:,} chunks. Vectors: "
        f"{found['model'] or 'none'}. recall, found and MRR count what answers a question (grade 2); nDCG counts what helps, too. "
        "found@k: the share of questions with at least one answer among the first k.", "",
        "## All questions", "", *table(header, _rows(found["overall"])), "",
        "## Questions all of whose answers stand in some chunk", "", *table(header, _rows(found["reachable"])), "",
    ]
    for title, key in (("What makes it hard", "by_failure_mode"), ("Kind of question", "by_kind")):
        lines += [f"## {title}", ""]
        for name, modes in found[key].items():
            lines += [f"### {name}", "", *table(header, _rows(modes)), ""]
    lines += ["## Answers that no chunk holds", "", *table(["reason", "answers"], found["unreachable_reasons"].items()), "",
              *table(["question", "file", "reason"], ((one["id"], one["blob_key"], one["reason"]) for one in found["unreachable"])), "",
              f"## Questions with the least found ({WORST} at most)", "",
              *table(["question", "query", "hard by", *(f"place by {NAMES[mode]}" for mode in found["overall"])], _worst(found)), ""]
    return "\n".join(lines)


def _is_reachable(evaluation: Evaluation, question: Question) -> bool:
    return not any(answer.reason for answer in evaluation.answers[question.id])


def _grouped(evaluation: Evaluation, group: Callable[[Question], str]) -> dict[str, Figures]:
    names = Counter(group(question) for question in evaluation.questions)
    return {name or "not stated": _by_mode(evaluation, lambda question, name=name: group(question) == name)  # type: ignore[misc]
            for name, _ in names.most_common()}


def _by_mode(evaluation: Evaluation, chosen: Callable[[Question], bool]) -> Figures:
    ids = [question.id for question in evaluation.questions if chosen(question)]
    return {mode: _means(scores[one] for one in ids) for mode, scores in evaluation.scores.items()}


def _means(scores: Iterable[Score]) -> Figures:
    scores = list(scores)
    means = {name: round(fmean(getattr(score, name) for score in scores), 4) if scores else None for name in MEANS}
    return {"questions": len(scores), **means}


def _one(evaluation: Evaluation, question: Question) -> Figures:
    scores = {mode: scores[question.id] for mode, scores in evaluation.scores.items()}
    return {"id": question.id, "query": question.query, "kind": question.kind, "failure_mode": question.failure_mode,
            "reachable": _is_reachable(evaluation, question),
            "modes": {mode: {**{name: round(getattr(score, name), 4) for name in MEANS}, "place": score.place}
                      for mode, score in scores.items()}}


def _rows(modes: Figures) -> list[list[Any]]:
    return [[NAMES[mode], found["questions"], *("-" if found[name] is None else f"{found[name]:.3f}" for name in MEANS)]
            for mode, found in modes.items()]


def _worst(found: Figures) -> list[list[Any]]:
    """Those that could be found and were not, the worst on average first."""
    def loss(one: Figures) -> tuple[float, str]:
        return sum(mode["ndcg"] for mode in one["modes"].values()), one["id"]

    worst = sorted((one for one in found["per_question"] if one["reachable"]), key=loss)[:WORST]
    return [[one["id"], one["query"], one["failure_mode"], *(mode["place"] or f"> {GAIN_DEPTH * 10}" for mode in one["modes"].values())]
            for one in worst if loss(one)[0] < len(one["modes"])]
