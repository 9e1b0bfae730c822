"""`python -m tests.bench.round_trip`: a workbook of the portal, filled and saved by LibreOffice, comes back with exactly
its changes, and a table of anyone's text holds no formula there.

Needs libreoffice-calc and python3-uno, so it stands outside the suite.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
TYPED = {"pupils_5": "=20+11", "pupils_6": "32", "pupils_7": "", "service_games": "'1 234"}
REASON = ("service_talk", "=Учёт не ведётся")


def fill_in_libreoffice(path: Path, typed: list[tuple[str, str, str]]) -> list[str]:
    """Formulas that LibreOffice found in the file, after it typed and saved."""
    call = ["/usr/bin/python3", str(Path(__file__).with_name("libreoffice_fill.py")), str(path), json.dumps(typed)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=180, check=True, stdin=subprocess.DEVNULL)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    old = setup_databases(verbosity=0, interactive=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            faults = [*round_trip(Path(folder)), *table_of_formulas(Path(folder))]
    finally:
        teardown_databases(old, verbosity=0)
    print(
        "\n".join(faults) or "The round trip through LibreOffice brings exactly the changes; no text became a formula."
    )
    sys.exit(bool(faults))


def round_trip(folder: Path) -> list[str]:
    """What differs between the changes typed and the changes that came back."""
    import openpyxl

    from monitoring.actions import load_catalogue
    from monitoring.catalogue import parse_catalogue
    from monitoring.enums import ImportKind
    from monitoring.exporting import write_blank
    from monitoring.importing import read_blank, units_of
    from monitoring.queries.campaigns.incoming import compare
    from monitoring.workbooks import HEADER_ROW, HIDDEN
    from portal.workbooks import SCHOOL_LIMITS, read_workbook
    from tests.factories import fill, submission

    load_catalogue(catalogue=parse_catalogue((ROOT / "fixtures" / "catalogue.yaml").read_text(encoding="utf-8")))
    form = fill(submission(), pupils_5=30, pupils_7=30, pupils_8=30, service_consult=None)
    path = folder / "blank.xlsx"
    path.write_bytes(write_blank(form))
    places = {
        row[0].value: (page.title, row[0].row)
        for page in openpyxl.load_workbook(path).worksheets
        if page.title != HIDDEN
        for row in page.iter_rows(min_row=HEADER_ROW + 2)
    }
    typed = [(places[code][0], f"F{places[code][1]}", text) for code, text in TYPED.items()]
    typed.append((places[REASON[0]][0], f"G{places[REASON[0]][1]}", "'" + REASON[1]))
    fill_in_libreoffice(path, typed)
    reading = read_blank(read_workbook(path.read_bytes(), SCHOOL_LIMITS), form, units_of(form.campaign))
    found = compare(form.campaign, ImportKind.WORKBOOK, reading)
    came = {one.code: (one.state, one.number, one.reason) for one in found.changes}
    expected = {
        "pupils_5": ("number", 31, ""),
        "pupils_6": ("number", 32, ""),
        "pupils_7": ("empty", None, ""),
        "service_games": ("number", 1234, ""),
        "service_talk": ("no_data", None, REASON[1]),
    }
    print(f"rows read: {len(reading.cells)}, notes: {reading.notes}")
    faults = [str(fault) for fault in found.faults] + [str(one) for one in found.conflicts]
    return faults + ([] if came == expected else [f"expected {expected}", f"came back {came}"])


def table_of_formulas(folder: Path) -> list[str]:
    """Texts of a table that LibreOffice would compute."""
    from portal.workbooks import MUNICIPAL_LIMITS, read_workbook, write_table

    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "#N/A", "=cmd|' /C calc'!A0"]
    path = folder / "table.xlsx"
    path.write_bytes(write_table("Т", ["=Код"], [[text] for text in texts]))
    formulas = fill_in_libreoffice(path, [])
    read = [row[0] for row in read_workbook(path.read_bytes(), MUNICIPAL_LIMITS)[0].rows[1:]]
    changed = [f"{text!r} came back as {other!r}" for text, other in zip(texts, read, strict=True) if text != other]
    return [f"a formula: {text}" for text in formulas] + changed


if __name__ == "__main__":
    main()
