"""Views of the two assemblies, with item numbers in balloons and only the main dimensions."""

from __future__ import annotations

from pipeline.demo.flat import cross
from pipeline.demo.shapes import Circle, Item, Line, LinearDim, Note, Outline, Tolerance, View, rectangle


def gearbox() -> View:
    """A two-shaft gearbox from the side, 300 x 220 mm, feet down; origin at the lower left of the housing."""
    items: list[Item] = [
        Outline(((0, 20), (300, 20), (300, 200), (280, 220), (20, 220), (0, 200))),
        Outline(rectangle(-25, 0, 350, 20)),
        Line((0, 120), (300, 120), "thin"),
        *_bearing((95, 120), 110, 60, 38),
        *_bearing((215, 120), 90, 52, 30),
        Outline(rectangle(140, 220, 30, 14)),
    ]
    for x in (-12, 312):
        items.append(Line((x, -8), (x, 28), "centre"))
    return (
        *items,
        LinearDim((-25, 0), (325, 0), -26),
        LinearDim((-12, 0), (312, 0), -14, tolerance=Tolerance(0.2, -0.2)),
        LinearDim((-25, 0), (0, 220), -14, "v"),
        LinearDim((95, 120), (215, 120), 82, tolerance=Tolerance(0.05, -0.05)),
        LinearDim((325, 0), (215, 120), 12, "v"),
        Note((285, 190), (16, 12), "1", ring=True),
        Note((80, 140), (-28, 54), "2", ring=True),
        Note((60, 85), (-34, 28), "3", ring=True),
        Note((215, 130), (22, 64), "4", ring=True),
        Note((155, 234), (-16, 9), "5", ring=True),
        Note((245, 152), (55, 8), "6", ring=True),
        Note((312, 20), (20, -20), "7", ring=True),
    )


def _bearing(centre: tuple[float, float], outer: float, seat: float, shaft: float) -> View:
    reach = 0.3 * outer
    bolts = [(centre[0] + dx, centre[1] + dy) for dx in (-reach, reach) for dy in (-reach, reach)]
    return (
        Circle(centre, outer / 2),
        Circle(centre, seat / 2),
        Circle(centre, shaft / 2),
        *cross(centre, outer * 0.6),
        *(Circle(bolt, 4) for bolt in bolts),
    )


def conveyor_drive() -> View:
    """A belt conveyor's drive end, 2400 x 900 mm, from the side; origin on the floor below the drum."""
    deck = 700.0
    drum, tail, snub = (200.0, deck), (2200.0, deck), (520.0, deck - 150)
    rollers = [(x, deck + 90.0) for x in (700, 1100, 1500, 1900)]
    items: list[Item] = [
        Circle(drum, 160),
        Circle(drum, 40),
        *cross(drum, 200),
        Circle(tail, 160),
        Circle(tail, 40),
        *cross(tail, 200),
        Circle(snub, 60),
        Line((200, deck + 160), (2200, deck + 160)),
        Line((200, deck - 160), (2200, deck - 160)),
        Outline(rectangle(150, deck - 60, 2100, 120)),
        Outline(rectangle(-120, deck - 480, 320, 220)),
        Circle((40, deck - 370), 70),
        Line((-30, deck - 370), (40, deck), "hidden"),
        Line((110, deck - 370), (360, deck), "hidden"),
    ]
    for centre in rollers:
        items += [Circle(centre, 44.5), *cross(centre, 60)]
    for x in (400.0, 1950.0):
        items += [Outline(rectangle(x, 0, 60, deck - 160)), Outline(rectangle(x - 50, -20, 160, 20))]
    return (
        *items,
        LinearDim(drum, tail, 44, tolerance=Tolerance(2, -2)),
        LinearDim((2360, -20), (2360, deck + 160), 18, "v"),
        LinearDim((430, -20), (1980, -20), -14),
        Note(rollers[1], (10, 20), "1", ring=True),
        Note((900, deck + 20), (-6, 24), "2", ring=True),
        Note((300, deck - 30), (30, -34), "3", ring=True),
        Note((0, deck - 300), (-14, 32), "4", ring=True),
        Note((1990, 250), (26, 10), "5", ring=True),
        Note((1600, deck - 160), (16, -24), "6", ring=True),
    )
