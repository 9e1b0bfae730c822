"""Where drawn charts are kept: a specification and its picture on disk, by the hash of both content and owner.

Nothing of it is data: the folder may be emptied at any time and fills itself again.
"""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.charts import Chart, chart_from_json, chart_key, draw_png, draw_svg
from portal.models import Membership
from portal.roles import Scope


@dataclass(frozen=True, slots=True)
class ChartFile:
    """A kept chart: whose data it shows (a school's own, or a municipality's) and what is drawn."""

    key: str
    municipality: int
    school: int | None
    chart: dict[str, Any]

    def visible_to(self, member: Membership) -> bool:
        """A school sees its own charts; a municipality's people see all of the municipality."""
        if member.scope == Scope.SCHOOL:
            return self.school is not None and self.school == member.school_id
        return member.scope == Scope.MUNICIPALITY and self.municipality == member.municipality_id


def keep(chart: Any, *, municipality: int, school: int | None = None) -> str:
    """Keep the specification of a chart and return its key; drawing waits until somebody asks for the picture."""
    key = chart_key(chart, f"{municipality}/{school or ''}")
    path = _path(key, "json")
    if not path.exists():
        content = {"municipality": municipality, "school": school, "chart": chart.to_json()}
        _write(path, json.dumps(content, ensure_ascii=False).encode())
    return key


def find(key: str) -> ChartFile | None:
    """The kept chart of this key, or None."""
    try:
        content = json.loads(_path(key, "json").read_bytes())
    except FileNotFoundError:
        return None
    return ChartFile(key=key, **content)


def svg(kept: ChartFile) -> bytes:
    """The picture; drawn at the first call, read from disk afterwards."""
    return _drawn(kept, "svg", draw_svg)


def png(kept: ChartFile) -> bytes:
    """The picture as PNG on white, kept like the SVG."""
    return _drawn(kept, "png", draw_png)


def seal(key: str, session: str, day: int) -> str:
    """What the address of a picture carries on a page: that this session was shown it on this day (days since 1970).

    It opens nothing without the cookie of the same session, and nothing after the next day.
    """
    return salted_hmac("portal.chart", f"{key}:{session}:{day}", algorithm="sha256").hexdigest()[:32]


def drawn_for(key: str, session: str, day: int, given: str) -> bytes | None:
    """The SVG of a sealed address, if it is drawn already; None where the seal is another's, too old, or none."""
    if not any(constant_time_compare(given, seal(key, session, one)) for one in (day, day - 1)):
        return None
    try:
        return _path(key, "svg").read_bytes()
    except FileNotFoundError:
        return None


def _drawn(kept: ChartFile, ending: str, draw: Callable[[Chart], bytes]) -> bytes:
    path = _path(kept.key, ending)
    if not path.exists():
        _write(path, draw(chart_from_json(kept.chart)))
    return path.read_bytes()


def _path(key: str, ending: str) -> Path:
    return settings.DATA_DIR / "charts" / key[:2] / f"{key}.{ending}"


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that another process never reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).replace(path)
