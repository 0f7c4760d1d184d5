"""Which steps `--phase` means, and in which order they run."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import selection
from commands.selection import ORDER, select
from phases.step import Step, all_steps
from pipeline.errors import ConfigError


def codes(text: str) -> list[str]:
    return [step.code for step in select(text)]


@pytest.fixture
def whole_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that has every step of the contract."""
    monkeypatch.setattr(selection, "all_steps", lambda: [Step(code, f"{code}_x") for code in sorted(ORDER)])


def test_every_step_of_this_release_has_its_place_in_the_order() -> None:
    assert {step.code for step in all_steps()} <= set(ORDER)


def test_every_script_is_found_as_a_step() -> None:
    scripts = {path.stem.split("_")[0] for path in (Path(selection.__file__).parents[1] / "phases").glob("[A-E][0-9]*.py")}
    assert {step.code for step in all_steps()} == scripts


@pytest.mark.parametrize(("text", "expected"), [
    pytest.param("A1", ["A1"], id="one step"),
    pytest.param("b4,a1", ["A1", "B4"], id="any case, running order"),
    pytest.param(" B3 , B3,", None, id="an empty name is none"),
    pytest.param("a", ["A1", "A2", "A3", "A4", "A5", "A6"], id="a phase"),
    pytest.param("A,a1", ["A1", "A2", "A3", "A4", "A5", "A6"], id="a step named twice runs once"),
])
def test_names_become_steps(text: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(ConfigError):
            select(text)
    else:
        assert codes(text) == expected


@pytest.mark.usefixtures("whole_release")
def test_records_come_after_linking_and_the_report_last_in_phase_b_whatever_their_numbers() -> None:
    assert codes("b") == ["B1", "B2", "B3", "B4", "B8", "B5", "B6", "B9", "B11", "B10", "B7"]


@pytest.mark.usefixtures("whole_release")
def test_all_runs_a_b_d_e_then_the_search_tests_and_never_the_server() -> None:
    found = codes("all")
    assert "".join(dict.fromkeys(code[0] for code in found)) == "ABDEC"
    assert found[-5:] == ["C1", "C2", "C3", "C4", "C5"]


@pytest.mark.usefixtures("whole_release")
def test_phase_c_is_the_search_tests_alone() -> None:
    assert codes("c") == ["C1", "C2", "C3", "C4", "C5"]


@pytest.mark.parametrize(("text", "words"), [
    pytest.param("b33", ["did you mean B3?", "Known are all, a, b"], id="a step misspelt"),
    pytest.param("al", ["did you mean all?"], id="all misspelt"),
    pytest.param("xyz", ['"xyz" is no phase and no step', "Known are"], id="nothing near"),
    pytest.param("a,zz9", ['"zz9"'], id="one wrong name among right ones"),
])
def test_a_wrong_name_is_met_with_the_near_one_and_the_list(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        select(text)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_phase_without_steps_in_this_release_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "all_steps", lambda: [Step("A1", "A1_x")])
    with pytest.raises(ConfigError, match="phase d has no step in this release"):
        select("d")
    with pytest.raises(ConfigError, match="step B8 is not in this release"):
        select("B8")
    assert codes("all") == ["A1"]
