"""Types values into cells of a workbook in a headless LibreOffice and saves it there, as a school would.

Runs under the system's Python (`python3-uno`), called by tests/bench/round_trip.py:
    python3 tests/bench/libreoffice_fill.py FILE.xlsx '[["sheet title", "F10", "31"], …]'
It prints the texts of all cells that LibreOffice takes for a formula, as JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table.CellContentType import FORMULA

PIPE = "proforientir"


def connect():
    """The desktop of a LibreOffice that was just started; it needs some seconds to listen."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(120):
        try:
            context = resolver.resolve(f"uno:pipe,name={PIPE};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            time.sleep(0.5)
    raise SystemExit("LibreOffice did not start.")


def option(name: str, value: object) -> PropertyValue:
    return PropertyValue(name, 0, value, 0)


def formulas(book) -> list[str]:
    found = []
    for sheet in book.Sheets:
        ranges = sheet.queryContentCells(16)  # com.sun.star.sheet.CellFlags.FORMULA
        for area in ranges:
            for row in range(area.RangeAddress.EndRow - area.RangeAddress.StartRow + 1):
                for column in range(area.RangeAddress.EndColumn - area.RangeAddress.StartColumn + 1):
                    cell = area.getCellByPosition(column, row)
                    if cell.Type == FORMULA:
                        found.append(cell.Formula)
    return found


def main(path: Path, typed: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as profile:
        office = subprocess.Popen(
            [
                "soffice",
                "--headless",
                "--norestore",
                f"-env:UserInstallation=file://{profile}",
                f"--accept=pipe,name={PIPE};urp;",
            ],
            stdin=subprocess.DEVNULL,
        )
        try:
            desktop = connect()
            book = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, (option("Hidden", True),))
            for title, address, text in typed:
                book.Sheets.getByName(title).getCellRangeByName(address).setFormula(text)
            print(json.dumps(formulas(book), ensure_ascii=False))
            book.storeToURL(path.as_uri(), (option("FilterName", "Calc MS Excel 2007 XML"),))
            book.close(True)
            desktop.terminate()
        finally:
            office.wait(timeout=30)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), json.loads(sys.argv[2]))
