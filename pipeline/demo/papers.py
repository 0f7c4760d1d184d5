"""The papers around the drawings: a readme, parts lists, a web page, a mail. Their numbers come from the table."""

from __future__ import annotations

import csv
import html
import io
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from xml.sax.saxutils import escape

from pipeline.demo.odd import PASSWORD
from pipeline.demo.spec import DrawingSpec

ZIP_TIME = (2024, 3, 1, 9, 0, 0)
HEADING = ("Item", "Qty", "Part number", "Description", "Material")


def readme() -> bytes:
    """What the folder is, for the person who opens it."""
    return (
        "Sample files of Draftmill\n"
        "=========================\n\n"
        "Two invented projects and one older part, as such folders look after some years: drawings as PDF and DXF,\n"
        "copies, an old scan, a few papers, and some files that nobody can read. No real company, person or part\n"
        "is shown.\n\n"
        f"The locked PDF opens with the password {PASSWORD}.\n"
    ).encode()


def bom_rows(spec: DrawingSpec) -> list[tuple[str, ...]]:
    """The parts list of an assembly, heading first."""
    rows = [(str(b.item), str(b.quantity), b.number, b.description, b.material) for b in spec.bom]
    return [HEADING, *rows]


def bom_csv(spec: DrawingSpec) -> bytes:
    """Separated by semicolons and with a byte order mark, as spreadsheets in Europe save it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(bom_rows(spec))
    return text.getvalue().encode("utf-8-sig")


def web_page(spec: DrawingSpec) -> bytes:
    """An assembly instruction as HTML."""
    rows = "\n".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in bom_rows(spec))
    notes = "\n".join(f"<li>{html.escape(note)}</li>" for note in spec.notes)
    title = html.escape(f"{spec.number} {spec.title}")
    return (
        f'<!DOCTYPE html>\n<html lang="{spec.language}">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body>\n<h1>{title}</h1>\n<ol>\n{notes}\n</ol>\n<table>\n{rows}\n</table>\n</body>\n</html>\n"
    ).encode()


def mail(spec: DrawingSpec) -> bytes:
    """A note about a change, with the fixed header fields of a saved mail."""
    last = spec.revisions[-1]
    message = EmailMessage()
    message["From"] = "k.brandt@nordhafen.example"
    message["To"] = "werkstatt@nordhafen.example"
    message["Date"] = "Tue, 06 Feb 2024 10:15:00 +0100"
    message["Message-ID"] = "<20240206.1015@nordhafen.example>"
    message["Subject"] = f"{spec.number} rev {last.letter}"
    message.set_content(
        f"Hello,\n\n{spec.number} ({spec.title}) is now at revision {last.letter}: {last.text}.\n"
        "Please scrap older prints.\n\nKarin\n"
    )
    return message.as_bytes()


def bom_xlsx(spec: DrawingSpec) -> bytes:
    """The parts list as a workbook of one sheet with inline texts: the least that spreadsheets open."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in _workbook_parts(bom_rows(spec)).items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system = 0  # or the bytes would differ between Windows and the rest
            archive.writestr(entry, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text)
    return target.getvalue()


def _workbook_parts(rows: Sequence[tuple[str, ...]]) -> dict[str, str]:
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="BOM" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{_sheet_rows(rows)}</sheetData></worksheet>',
    }


def _sheet_rows(rows: Sequence[tuple[str, ...]]) -> str:
    return "".join(
        f'<row r="{number}">'
        + "".join(f'<c r="{"ABCDE"[k]}{number}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for k, cell in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
