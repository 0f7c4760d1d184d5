"""The table of drawings: one record a drawing, from which PDF, DXF, parts list and solids are all made."""

from __future__ import annotations

from pipeline.demo.assembly import conveyor_drive, gearbox
from pipeline.demo.flat import (
    Bracket,
    Plate,
    SidePlate,
    bracket_front,
    bracket_side,
    plate_edge,
    plate_front,
    side_plate,
)
from pipeline.demo.shapes import Tolerance
from pipeline.demo.spec import BomItem, DrawingSpec, Placed, Revision
from pipeline.demo.turned import (
    Bushing,
    Flange,
    Gear,
    Roller,
    Shaft,
    Step,
    bushing_end,
    bushing_section,
    flange_front,
    flange_section,
    gear_front,
    roller_side,
    shaft_side,
)

NORDHAFEN = "Nordhafen Antriebstechnik GmbH"
BREMER = "Bremer Fördertechnik KG"
LORRAINE = "Ateliers Lorraine SARL"
LAKESHORE = "Lakeshore Machine Co."

FLANGE = Flange(120, 72, 40, 14, 30, 96, 6, 6.6)
SHAFT = Shaft(
    (
        Step(25, 44, " k6"),
        Step(30, 50, " h7"),
        Step(38, 84),
        Step(30, 36, " k6"),
        Step(24, 28, "", "M24x1.5"),
    ),
    1.5,
    2,
    10,
    32,
)
MOUNTING_PLATE = Plate(200, 120, 12, 8, 14, 9, 40)
BRACKET = Bracket(80, 60, 6, 5, 70, 8.4, 40, 34)
BUSHING = Bushing(36, 25, 30)
COVER = Plate(240, 150, 22, 20, 18, 11, 90, thread_pitch=150)
COVER_SECTION = Flange(150, 110, 90, 10, 22, 132, 8, 11)
ROLLER = Roller(89, 3, 500, 20, 560)
SIDE = SidePlate(600, 160, 40, 14, 50, 160, 18, 52)
EQUERRE = Bracket(100, 70, 8, 10, 80, 11, 50, 40)
MOTOR_PLATE = Plate(120, 80, 10, 10, 12, 6.6, 50, thread="M6", thread_hole=5, thread_pitch=76)
ADAPTER = Plate(
    5.0,
    3.25,
    0.5,
    0.375,
    0.5,
    0.281,
    1.5,
    bore_fit="",
    thread="1/4-20 UNC",
    thread_hole=0.201,
    thread_pitch=3.0,
    tolerance=Tolerance(0.005, -0.005),
    unit=1 / 25.4,
)
GEAR = Gear(3, 24, 25)

FIRST_ISSUE = Revision("A", "First issue", "2023-03-14", "K. Brandt")

DRAWINGS: tuple[DrawingSpec, ...] = (
    DrawingSpec(
        number="DM-1001", title="Bearing flange", material="EN-GJL-250", scale=(1, 1), paper="A3",
        author="K. Brandt", approved="M. Ohlsen", date="2024-02-06", company=NORDHAFEN, mass="1.42 kg",
        sheets=((Placed(flange_front(FLANGE), (110, 150)), Placed(flange_section(FLANGE, "A-A"), (255, 150))),),
        revisions=(FIRST_ISSUE, Revision("B", "Bore 40 H7 was 38 H7", "2024-02-06", "K. Brandt")),
        notes=("Break all sharp edges 0.5x45°", "Unmachined surfaces primed RAL 7035"),
    ),
    DrawingSpec(
        number="DM-1002", title="Output shaft", material="42CrMo4+QT", scale=(1, 1), paper="A3",
        author="K. Brandt", approved="M. Ohlsen", date="2023-05-22", company=NORDHAFEN, mass="1.55 kg",
        sheets=((Placed(shaft_side(SHAFT), (85, 170)),),),
        revisions=(FIRST_ISSUE,),
        notes=("Hardened and tempered 28-32 HRC", "Centre holes DIN 332-A2.5 on both ends"),
    ),
    DrawingSpec(
        number="DM-1003", title="Mounting plate", material="S355J2+N", scale=(1, 1), paper="A3",
        author="S. Petersen", approved="M. Ohlsen", date="2023-09-01", company=NORDHAFEN, mass="2.10 kg",
        sheets=((Placed(plate_front(MOUNTING_PLATE), (70, 112)), Placed(plate_edge(MOUNTING_PLATE), (335, 112))),),
        revisions=(FIRST_ISSUE, Revision("B", "Tapped holes M8 added", "2023-06-12", "S. Petersen"),
                   Revision("C", "Thickness 12 was 10", "2023-09-01", "S. Petersen")),
        notes=("Flame cut edges allowed on the outside", "Zinc plated 8 µm"),
    ),
    DrawingSpec(
        number="DM-1004", title="Winkelhalter", material="DC01", scale=(1, 1), paper="A4", language="de",
        author="J. Köhler", approved="M. Ohlsen", date="12.04.2023", company=NORDHAFEN, mass="0,42 kg",
        sheets=((Placed(bracket_side(BRACKET), (60, 188)), Placed(bracket_front(BRACKET), (60, 90))),),
        revisions=(Revision("A", "Erstausgabe", "12.04.2023", "J. Köhler"),),
        notes=("Kanten entgratet", "Oberfläche: verzinkt Fe/Zn 8"),
    ),
    DrawingSpec(
        number="DM-1005", title="Distanzbuchse", material="CuSn8", scale=(2, 1), paper="A4", language="de",
        author="J. Köhler", approved="M. Ohlsen", date="20.04.2023", company=NORDHAFEN, mass="0,14 kg",
        sheets=((Placed(bushing_section(BUSHING), (55, 175)), Placed(bushing_end(BUSHING), (158, 175))),),
        revisions=(Revision("A", "Erstausgabe", "20.04.2023", "J. Köhler"),),
        notes=("Alle Kanten gebrochen",),
    ),
    DrawingSpec(
        number="DM-1006", title="Housing cover", material="AlSi10Mg(Fe)", scale=(1, 1), paper="A3",
        author="S. Petersen", approved="M. Ohlsen", date="2024-01-18", company=NORDHAFEN, mass="1.86 kg",
        sheets=(
            (Placed(plate_front(COVER), (90, 98)),),
            (Placed(flange_section(COVER_SECTION, "B-B"), (190, 160)),),
        ),
        revisions=(FIRST_ISSUE, Revision("B", "Corner radius R20 was R15", "2024-01-18", "S. Petersen")),
        notes=("Die cast, draft 1.5°",),
    ),
    DrawingSpec(
        number="DM-1010", title="Gearbox, complete", material="See parts list", scale=(1, 2), paper="A3",
        author="K. Brandt", approved="M. Ohlsen", date="2024-02-20", company=NORDHAFEN, mass="38.5 kg",
        sheets=((Placed(gearbox(), (62, 130)),),),
        revisions=(FIRST_ISSUE, Revision("B", "Item 7 added", "2024-02-20", "K. Brandt")),
        bom=(
            BomItem(1, 1, "DM-1000", "Housing", "EN-GJL-250"),
            BomItem(2, 2, "DM-1001", "Bearing flange", "EN-GJL-250"),
            BomItem(3, 1, "DM-1002", "Output shaft", "42CrMo4+QT"),
            BomItem(4, 2, "DM-1005", "Spacer bushing", "CuSn8"),
            BomItem(5, 1, "DM-1006", "Housing cover", "AlSi10Mg(Fe)"),
            BomItem(6, 8, "ISO 4762 - M8x25", "Socket head screw", "8.8"),
            BomItem(7, 1, "DM-1003", "Mounting plate", "S355J2+N"),
        ),
        notes=("Fill with 2.4 l of CLP 220", "Tighten item 6 with 25 Nm"),
    ),
    DrawingSpec(
        number="FB-2101", title="Tragrolle 89x500", material="E235 / C45", scale=(1, 2), paper="A3", language="de",
        author="T. Weiß", approved="H. Lüders", date="03.11.2023", company=BREMER, mass="4,9 kg",
        sheets=((Placed(roller_side(ROLLER), (85, 165)),),),
        revisions=(Revision("0", "Erstausgabe", "03.11.2023", "T. Weiß"),),
        notes=("Rundlauf 0,5 mm", "Rillenkugellager 6204-2RS"),
    ),
    DrawingSpec(
        number="FB-2102", title="Seitenblech für Förderband", material="S235JR, t = 4 mm", scale=(1, 2), paper="A3",
        author="T. Weiß", approved="H. Lüders", date="10.11.2023", company=BREMER, mass="2,8 kg", language="de",
        sheets=((Placed(side_plate(SIDE), (65, 140)),),),
        revisions=(Revision("0", "Erstausgabe", "03.11.2023", "T. Weiß"),
                   Revision("1", "Langlöcher 14 statt 12", "10.11.2023", "T. Weiß")),
        notes=("Lasergeschnitten, gratfrei", "Pulverbeschichtet RAL 5010"),
    ),
    DrawingSpec(
        number="FB-2103", title="Équerre de fixation", material="S235JR", scale=(1, 1), paper="A4", language="fr",
        author="É. Moreau", approved="C. Lefèvre", date="15/11/2023", company=LORRAINE, mass="0,98 kg",
        sheets=((Placed(bracket_side(EQUERRE), (62, 196)), Placed(bracket_front(EQUERRE), (62, 84))),),
        revisions=(Revision("A", "Première édition", "15/11/2023", "É. Moreau"),),
        notes=("Casser les angles vifs", "Galvanisé à chaud"),
    ),
    DrawingSpec(
        number="FB-2104", title="Motorplatte", material="EN AW-5083", scale=(1, 1), paper="A4 landscape",
        author="T. Weiß", approved="H. Lüders", date="21.11.2023", company=BREMER, mass="0,32 kg", language="de",
        sheets=((Placed(plate_front(MOTOR_PLATE), (62, 84)), Placed(plate_edge(MOTOR_PLATE), (250, 84))),),
        revisions=(Revision("0", "Erstausgabe", "21.11.2023", "T. Weiß"),),
        turned=True,
    ),
    DrawingSpec(
        number="FB-2110", title="Antriebsstation, komplett", material="siehe Stückliste", scale=(1, 10), paper="A3",
        author="H. Lüders", approved="T. Weiß", date="15.12.2023", company=BREMER, mass="186 kg", language="de",
        sheets=((Placed(conveyor_drive(), (75, 150)),),),
        revisions=(Revision("0", "Erstausgabe", "15.12.2023", "H. Lüders"),),
        bom=(
            BomItem(1, 4, "FB-2101", "Tragrolle 89x500", "E235 / C45"),
            BomItem(2, 2, "FB-2102", "Seitenblech", "S235JR"),
            BomItem(3, 8, "FB-2103", "Befestigungswinkel", "S235JR"),
            BomItem(4, 1, "FB-2104", "Motorplatte", "EN AW-5083"),
            BomItem(5, 4, "FB-2120", "Stütze", "S235JR"),
            BomItem(6, 1, "EP 400/3", "Fördergurt 500 breit", "EPDM"),
        ),
        notes=("Bandgeschwindigkeit 0,8 m/s",),
    ),
    DrawingSpec(
        number="US-7001", title="Adapter plate", material="ASTM A36", scale=(1, 1), paper="A4 landscape", unit="in",
        author="D. Novak", approved="R. Hayes", date="2022-08-30", company=LAKESHORE, mass="2.6 lb",
        sheets=((Placed(plate_front(ADAPTER), (62, 90)), Placed(plate_edge(ADAPTER), (255, 90))),),
        revisions=(Revision("1", "Released", "2022-08-30", "D. Novak"),),
        tolerance_class="All dimensions in inches  .XXX ±.005",
    ),
    DrawingSpec(
        number="DM-0998", title="Spur gear", material="16MnCr5", scale=(1, 1), paper="A4",
        author="W. Hinrichs", approved="E. Tamm", date="1998-06-09", company=NORDHAFEN, mass="0.85 kg",
        sheets=((Placed(gear_front(GEAR), (105, 165)),),),
        revisions=(Revision("A", "First issue", "1998-06-09", "W. Hinrichs"),),
        notes=("Case hardened 58-62 HRC, depth 0.6",),
        scanned=True,
    ),
)  # fmt: skip


def drawing(number: str) -> DrawingSpec:
    """The record of one drawing. Raises KeyError for a number that is not in the table."""
    for spec in DRAWINGS:
        if spec.number == number:
            return spec
    raise KeyError(number)
