"""Where the files of a group contradict each other: findings for a person, each with what every file says.

Silence is no contradiction, and neither are two spellings of one thing: only what could not both be true is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pipeline.extract.dimension_text import MM_PER_UNIT
from pipeline.index.evidence import FILE_NAME, FileEvidence, Json, Source, Statement, distinct

KINDS = {"pdf": 0, "dxf": 1, "cad": 2}  # the drawing is heard first
MOST_FILES = 40  # compared with each other; a group of more is a store, not a part
EQUAL_MM, EQUAL_SHARE = 0.15, 0.001  # a 212.99 outline is the sheet's 213
NEAR_SHARE = 0.02  # a size this near to a side is meant for it; hole spacings lie further off
WEIGHT_SHARE = 0.05
INCH = MM_PER_UNIT["in"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """severity  'high': a wrong part would be made; 'medium': somebody should look; 'low': worth knowing."""

    field: str
    severity: str
    reason: str
    values: tuple[Json, ...]

    def as_json(self) -> Json:
        return {"field": self.field, "severity": self.severity, "reason": self.reason, "values": list(self.values)}


Judge = Callable[[Statement, Statement], str | None]


def find_conflicts(files: Sequence[FileEvidence]) -> list[Conflict]:
    """All contradictions of a group, the gravest first."""
    compared = sorted(files, key=lambda file: (KINDS.get(file.kind, len(KINDS)), file.file))[:MOST_FILES]
    found = [*_disagreements(compared, "drawing_number", _numbers), *_within_a_drawing(compared), *_name_conflicts(compared),
             *_unit_conflicts(compared), *_size_conflicts(compared), *_parts_list_conflicts(compared)]
    rank = {"high": 0, "medium": 1, "low": 2}
    return sorted(found, key=lambda one: (rank[one.severity], one.field, one.reason))


def _name_conflicts(files: Sequence[FileEvidence]) -> Iterator[Conflict]:
    """A file named after another revision, or another number, than its title block states."""
    for file in files:
        named, said = file.named("revision"), file.said("revision")
        if named and said and all(one.key != named[0].key for one in said if one.key):
            name = file.file.rpartition("/")[2]
            reason = f"revision: the name {name} says {named[0].value}, its title block {said[0].value}"
            yield Conflict("revision", "medium", reason, tuple(_values([*named, *said])))
        for found in file.findings:
            value = {"value": found.kind, "blob_id": file.blob_id, "file": file.file, "kind": file.kind, **found.evidence}
            yield Conflict("drawing_number", "medium", found.reason, (value,))


def _within_a_drawing(files: Sequence[FileEvidence]) -> Iterator[Conflict]:
    """Fields that must agree where two files are of the same drawing; a group may hold several drawings of a part."""
    for name, judge in (("revision", _revisions), ("material", _materials), ("weight", _weights), ("title", _titles),
                        ("general_tolerance", _always("medium")), ("surface_treatment", _treatments)):
        yield from _disagreements(files, name, judge, same_drawing=True)


def _disagreements(files: Sequence[FileEvidence], name: str, judge: Judge, *, same_drawing: bool = False) -> list[Conflict]:
    """One conflict a field: the gravest pair gives severity and reason, `values` lists what each file says."""
    worst: tuple[int, str, str] | None = None
    involved: list[Statement] = []
    for left, right in combinations(files, 2):
        if same_drawing and not _same_drawing(left, right):
            continue
        severity = _gravest_common(_heard(left, name), _heard(right, name), judge)
        if severity is None:
            continue
        involved += [*_heard(left, name), *_heard(right, name)]
        rank = ("high", "medium", "low").index(severity)
        if worst is None or rank < worst[0]:
            worst = (rank, severity, _reason(left, right, name))
    if worst is None:
        return []
    return [Conflict(name, worst[1], worst[2], tuple(_values(involved)))]


def _heard(file: FileEvidence, name: str) -> list[Statement]:
    """A flat DXF without a title block bears its revision in its name alone; numbers and words of names are linking's affair."""
    return file.said(name) or (file.named(name) if name == "revision" else [])


def _gravest_common(left: Sequence[Statement], right: Sequence[Statement], judge: Judge) -> str | None:
    """How grave it is that no statement of the one agrees with any of the other; None where some do, or one is silent."""
    found = [judge(one, other) for one in left for other in right if one.key and other.key]
    if not found or None in found:
        return None
    return min((severity for severity in found if severity), key=("high", "medium", "low").index)


def _reason(left: FileEvidence, right: FileEvidence, name: str) -> str:
    """'PDF says 6061, STEP says AISI 304'; two files of one format go by their names."""
    labels = (left.label, right.label)
    if labels[0] == labels[1]:
        labels = (left.file.rpartition("/")[2], right.file.rpartition("/")[2])
    both = [f"{label} {_said(_heard(file, name))}" for label, file in zip(labels, (left, right), strict=True)]
    return f"{name.replace('_', ' ')}: {', '.join(both)}"


def _said(statements: Sequence[Statement]) -> str:
    verb = "is named" if statements[0].source.method == FILE_NAME else "says"
    return f"{verb} {' / '.join(distinct(one.value for one in statements)[:3])}"


def _values(statements: Iterable[Statement]) -> Iterator[Json]:
    seen = set()
    for one in statements:
        spot = (one.key, one.source.blob_id)
        if spot not in seen:
            seen.add(spot)
            yield {"value": one.value, **one.source.as_json()}


def _same_drawing(left: FileEvidence, right: FileEvidence) -> bool:
    """False where both bear a number and none of them is the same."""
    numbers, others = left.said("drawing_number"), right.said("drawing_number")
    return _gravest_common(numbers, others, _numbers) is None


def _always(severity: str) -> Judge:
    return lambda left, right: None if left.key == right.key else severity


def _revisions(left: Statement, right: Statement) -> str | None:
    """A revision that only a file's name bears may be the model's own count."""
    if left.key == right.key:
        return None
    return "medium" if FILE_NAME in (left.source.method, right.source.method) else "high"


def _numbers(left: Statement, right: Statement) -> str | None:
    """A number with its sheet, revision or format letter contains the bare one."""
    return None if left.key in right.key or right.key in left.key else "medium"


def _titles(left: Statement, right: Statement) -> str | None:
    """Titles are worded anew all the time: only those that share no word speak of different things."""
    words, others = set(left.key.split()), set(right.key.split())
    return None if words & others or left.key.replace(" ", "") == right.key.replace(" ", "") else "low"


def _treatments(left: Statement, right: Statement) -> str | None:
    return None if set(left.key.split()) & set(right.key.split()) else "medium"


def _materials(left: Statement, right: Statement) -> str | None:
    """Only what the tables know can differ: '6061' is aluminium whatever else stands there."""
    family, other_family = left.details.get("family"), right.details.get("family")
    if left.key == right.key:
        return None
    if family and other_family and family != other_family:
        return "high"
    known = left.details.get("designation") and right.details.get("designation")
    return "medium" if known else None


def _weights(left: Statement, right: Statement) -> str | None:
    one, other = left.details.get("grams"), right.details.get("grams")
    if not one or not other:
        return None
    return "medium" if abs(one - other) > WEIGHT_SHARE * max(one, other) else None


def _unit_conflicts(files: Sequence[FileEvidence]) -> Iterator[Conflict]:
    """The unit that one title block states against the one in another file's header."""
    for left in files:
        for right in files:
            stated = distinct(one.key for one in left.said("units") if one.key in MM_PER_UNIT)
            if left is right or not right.header_unit or not stated or right.header_unit in stated or not _same_drawing(left, right):
                continue
            values = [*_values(left.said("units")), {"value": right.header_unit, "blob_id": right.blob_id, "file": right.file,
                                                     "kind": right.kind, "method": "header"}]
            yield Conflict("units", "medium", f"units: {left.label} says {stated[0]}, the {right.label}'s header says {right.header_unit}",
                           tuple(values))
            return


def _size_conflicts(files: Sequence[FileEvidence]) -> Iterator[Conflict]:
    """A flat outline or a model's box against the sizes that the drawing shows, and against each other."""
    measured = [file for file in files if file.sides]
    for shape in measured:
        for other in files:
            lengths = other.sides if other.sides else other.lengths
            if other is shape or not lengths or (other.sides and other.file < shape.file) or not _same_drawing(shape, other):
                continue
            if found := _compare_sizes(shape, other, lengths):
                yield found
                break


def _compare_sizes(shape: FileEvidence, other: FileEvidence, lengths: Sequence[float]) -> Conflict | None:
    sides = shape.sides[:2]
    missing = [side for side in sides if not _has(lengths, side)]
    if not missing:
        return None
    what = f"{shape.label} is {_size(shape.sides)} mm"
    for factor in (INCH, 1 / INCH):
        if len(missing) == len(sides) and all(_has(lengths, side * factor) for side in sides):
            return _sized(shape, other, "units", "high", f"units: {what}, {INCH:g} times off what the {other.label} says", lengths[:2])
    near = [length for side in missing for length in lengths if abs(length - side) <= NEAR_SHARE * side]
    if len(missing) < len(sides) and len(near) == 1:
        return _sized(shape, other, "overall_size", "medium", f"overall size: {what}, {other.label} says {near[0]:g} mm", near)
    return None


def _has(lengths: Sequence[float], side: float) -> bool:
    return any(abs(length - side) <= max(EQUAL_MM, EQUAL_SHARE * side) for length in lengths)


def _size(sides: Sequence[float]) -> str:
    return " × ".join(f"{side:.2f}".rstrip("0").rstrip(".") for side in sides)


def _sized(shape: FileEvidence, other: FileEvidence, name: str, severity: str, reason: str, lengths: Sequence[float]) -> Conflict:
    source = shape.sides_source or Source(shape.blob_id, shape.file, shape.kind, "measured", 1.0)
    values = ({"value": _size(shape.sides), **source.as_json()},
              {"value": _size(lengths), "blob_id": other.blob_id, "file": other.file, "kind": other.kind})
    return Conflict(name, severity, reason, values)


def _parts_list_conflicts(files: Sequence[FileEvidence]) -> Iterator[Conflict]:
    """A total that the sheet states against the rows that stand there."""
    for file in files:
        parts = file.parts_list
        if parts is None or parts.stated is None or parts.stated == parts.rows or parts.stated == parts.quantity:
            continue
        counted = f"{parts.rows} rows" + (f" of {parts.quantity:g} parts" if parts.quantity and parts.quantity != parts.rows else "")
        values = tuple({"value": value, "blob_id": file.blob_id, "file": file.file, "kind": file.kind, "method": method}
                       for value, method in ((str(parts.stated), "stated"), (str(parts.rows), "counted")))
        yield Conflict("bom_total", "medium", f"parts list: {file.label} states a total of {parts.stated}, it has {counted}", values)
