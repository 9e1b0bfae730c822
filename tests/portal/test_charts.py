"""Charts: the same specification gives the same picture, nothing is clipped, and the numbers are the given ones."""

import io
import json
import math
import re
import subprocess
import sys
from fractions import Fraction
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import charts
from portal.chart_specs import DotStrips, Strip
from portal.charts import Bar, Part, RankedBars, Series, ShareBar, YearColumns, YearLines
from portal.formats import NBSP

YEARS = ("2019/20", "2020/21", "2021/22")
SIX_YEARS = ("2016/17", "2017/18", "2018/19", *YEARS)
WORDS = {"title": f"Охват вырос до 62,1{NBSP}%", "alt": "За три года охват вырос с 15,8 до 62,1 процента."}
LONG_NAME = "Муниципальное бюджетное общеобразовательное учреждение «Средняя школа с углублённым изучением предметов»"


def lines(*series, years=YEARS, unit="percent", **more):
    return YearLines(**WORDS, years=years, series=tuple(Series(*pair) for pair in series), unit=unit, **more)


def bars(*rows, unit="percent", **more):
    return RankedBars(**WORDS, rows=tuple(Bar(*row) for row in rows), unit=unit, **more)


GALLERY = {
    "one line": lines(("Всего", (15.8, 60.2, 62.1)), target=60.0),
    "one point": lines(("Всего", (8.1,)), years=YEARS[:1]),
    "no point": lines(("Всего", (None, None, None)), (LONG_NAME, (None, None, None))),
    "four close lines": lines(
        ("Гимназии и лицеи", (60, 61.5, 62, 70, 80, 81)),
        (LONG_NAME, (59.5, 60, 62.5, 65, 66, 66.2)),
        ("Основные школы", (10, None, 30, 35, 64, 66.1)),
        ("Коррекционные школы", (61, 60.5, 61.8, 0, 0, 66)),
        years=SIX_YEARS,
        target=65,
        break_before=(3,),
    ),
    "breaks everywhere": lines(
        ("Обучающиеся", (1450, 21775, None, 3, 4, 12000)),
        ("Школы", (1, 2, 3, 4, 5, 6)),
        years=SIX_YEARS,
        unit="count",
        break_before=(1, 2, 3, 4, 5),
    ),
    "columns": YearColumns(**WORDS, years=YEARS, values=(81, None, 310), unit="count", target=300),
    "columns of zeros": YearColumns(**WORDS, years=YEARS, values=(0, 0, 0), unit="percent"),
    "long labels": bars(
        (LONG_NAME, 100.0, f"100,0{NBSP}% (21{NBSP}775 из 21{NBSP}775)", True),
        ("Безпробелов" * 9, 12.0, f"12,0{NBSP}%"),
        (LONG_NAME, None, "…"),
        ("Школа с $мало$ учеников", None, "3 из 7"),
        median=99.9,
        target=100,
    ),
    "sixty rows": bars(
        *((f"МБОУ «СОШ №{NBSP}{i}»", 600 - 9 * i, str(600 - 9 * i), i == 30) for i in range(60)),
        unit="count",
        median=300,
        target=0,
    ),
    "forms by state": ShareBar(
        **WORDS,
        parts=(
            Part("принята", 31),
            Part("на проверке", 6),
            Part("возвращена на доработку", 3),
            Part("не начата", 0),
            Part("открыта для корректировки", 1),
        ),
    ),
    "strips of one school": DotStrips(
        **WORDS,
        names=("Наша школа",),
        strips=(
            Strip(LONG_NAME, (30.2,), (), 41.5, (20.0, 55.5), 60.0),
            Strip("Без данных", (None,)),
            Strip("На краях", (100.0,), (0.0, 100.0), 0.0, (0.0, 100.0), 100.0),
        ),
    ),
    "strips of six schools": DotStrips(
        **WORDS,
        names=("Школа № 1", LONG_NAME[:60], "Лицей", "Гимназия № 41", "ООШ", "СОШ"),
        strips=tuple(Strip(f"4.{i} Доля обучающихся", (10.0, 10.0, None, 0.0, 100.0, 55.5)) for i in range(15)),
    ),
    "no forms": ShareBar(**WORDS, parts=(Part("принята", 0), Part("не начата", 0))),
}
every_chart = pytest.mark.parametrize("spec", GALLERY.values(), ids=GALLERY.keys())


def texts_of(spec):
    """Every text of the picture with the box in pixels that its letters take."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure = charts.figure(spec)
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    return figure.bbox, [(text.get_text(), text.get_tightbbox(renderer)) for text in texts]


def drawn(spec, kind):
    """Artists of one class in the order in which they were drawn, without the sheet itself."""
    figure = charts.figure(spec)
    return [artist for artist in figure.findobj(kind) if artist is not figure.patch]


def words_of(spec):
    return [words for words, _ in texts_of(spec)[1]]


@every_chart
def test_every_text_lies_inside_the_picture(spec):
    sheet, texts = texts_of(spec)
    assert texts
    for words, box in texts:
        assert box.x0 >= 0, words
        assert box.y0 >= 0, words
        assert box.x1 <= sheet.x1, words
        assert box.y1 <= sheet.y1, words


@every_chart
def test_no_text_lies_on_another(spec):
    for (words, box), (other_words, other) in combinations(texts_of(spec)[1], 2):
        across = min(box.x1, other.x1) - max(box.x0, other.x0)
        down = min(box.y1, other.y1) - max(box.y0, other.y0)
        assert across < 2 or down < 4, (words, other_words)


@every_chart
def test_the_specification_survives_json(spec):
    assert charts.chart_from_json(json.loads(json.dumps(spec.to_json()))) == spec


@every_chart
def test_the_same_specification_gives_the_same_bytes(spec):
    assert charts.draw_svg(spec) == charts.draw_svg(charts.chart_from_json(spec.to_json()))
    assert charts.draw_png(spec, dpi=50) == charts.draw_png(spec, dpi=50)


def test_another_process_draws_the_same_bytes():
    spec = GALLERY["forms by state"]
    code = (
        "import json, sys; from portal import charts; "
        "sys.stdout.buffer.write(charts.draw_svg(charts.chart_from_json(json.loads(sys.stdin.read()))))"
    )
    other = subprocess.run([sys.executable, "-c", code], input=json.dumps(spec.to_json()).encode(), capture_output=True)
    assert other.stdout == charts.draw_svg(spec)


@every_chart
def test_the_svg_is_a_page_wide_carries_its_title_and_needs_no_font_no_network_and_no_date(spec):
    svg = charts.draw_svg(spec)
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own bytes
    assert float(root.get("width").removesuffix("pt")) * 96 / 72 == charts.PAGE_WIDTH_PX
    assert root.findtext("{http://www.w3.org/2000/svg}title") == spec.title
    for forbidden in (b"<text", b"font-family", b"<script", b"<image", b"dc:date", "\u202f".encode()):
        assert forbidden not in svg


def test_the_png_is_opaque_and_white_at_its_corner():
    from PIL import Image

    image = Image.open(io.BytesIO(charts.draw_png(GALLERY["one line"])))
    assert image.width == int(charts.PAGE_WIDTH_PX / 96 * 200)
    assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_the_values_in_the_picture_are_the_given_ones_in_russian():
    words = words_of(GALLERY["one line"])
    for expected in (f"15,8{NBSP}%", f"60,2{NBSP}%", f"62,1{NBSP}%", "2019/20", f"60{NBSP}%"):
        assert expected in words
    assert "целевое значение" in " ".join(words)


def test_counts_are_written_whole_with_grouped_thousands():
    words = words_of(GALLERY["breaks everywhere"])
    for expected in ("1450", f"21{NBSP}775", f"12{NBSP}000", "6"):
        assert expected in words


def test_every_bar_has_its_text_and_a_school_without_a_value_says_so():
    words = words_of(GALLERY["long labels"])
    assert "нет данных" in words
    assert "3 из 7" in words
    assert f"медиана 99,9{NBSP}%" in words
    assert f"целевое значение 100{NBSP}%" in words
    assert "…" not in words


def test_a_bar_is_as_long_as_its_value_from_zero():
    from matplotlib.patches import Rectangle

    boxes = drawn(bars(("А", 80.0, "80"), ("Б", 20.0, "20"), ("В", 0.0, "0"), ("Г", None, "")), Rectangle)
    assert [box.get_x() for box in boxes] == [boxes[0].get_x()] * 2
    assert boxes[0].get_width() == pytest.approx(4 * boxes[1].get_width())


def test_parts_take_their_share_of_the_bar_and_differ_by_hatch():
    from matplotlib.patches import Rectangle

    spec = ShareBar(**WORDS, parts=(Part("принята", 30), Part("на проверке", 10)))
    whole, hatched = (box for box in drawn(spec, Rectangle) if box.get_height() > 20)
    assert whole.get_width() == pytest.approx(3 * hatched.get_width())
    assert whole.get_hatch() != hatched.get_hatch()


def line_of(spec):
    """Heights of the first series' line as drawn; None where it is interrupted."""
    from matplotlib.lines import Line2D

    line = next(line for line in drawn(spec, Line2D) if line.get_marker() == "o")
    return [None if math.isnan(y) else round(y) for y in line.get_ydata()]


def test_a_missing_year_is_a_gap_and_never_a_bridge():
    left, gap, right = line_of(lines(("Всего", (10.0, None, 10.0))))
    assert gap is None
    assert left == right


def test_a_changed_definition_interrupts_the_line_and_says_why():
    spec = lines(("Всего", (10.0, 20.0, 30.0)), break_before=(2,))
    assert [y is None for y in line_of(spec)] == [False, False, True, False]
    assert {"показатель", "изменён"} <= set(words_of(spec))


def test_series_differ_by_marker_and_dashes_as_well_as_by_colour():
    from matplotlib.lines import Line2D

    series = [line for line in drawn(GALLERY["four close lines"], Line2D) if len(line.get_xdata()) > len(SIX_YEARS)]
    assert len({line.get_marker() for line in series}) == 4
    assert len({line.get_color() for line in series}) == 4
    assert len({str(line._dash_pattern) for line in series}) == 4


def test_a_percent_axis_reaches_a_hundred_when_values_pass_fifty_and_fits_small_values_otherwise():
    assert f"100{NBSP}%" in words_of(lines(("Всего", (15.8, 60.2, 62.1))))
    small = words_of(lines(("Всего", (8.1, 4.5, 5.5))))
    assert f"10{NBSP}%" in small
    assert f"100{NBSP}%" not in small


def test_the_key_depends_on_the_content_and_on_whose_data_it_is():
    spec, other = GALLERY["one line"], GALLERY["one point"]
    key = charts.chart_key(spec, "1/")
    assert re.fullmatch("[0-9a-f]{64}", key)
    assert key == charts.chart_key(charts.chart_from_json(spec.to_json()), "1/")
    assert len({key, charts.chart_key(spec, "2/"), charts.chart_key(other, "1/")}) == 3


def test_a_percent_point_is_rounded_half_up_from_the_exact_ratio():
    assert charts.percent_point(Fraction(46, 80)) == 57.5
    assert charts.percent_point(Fraction(161, 400)) == 40.3
    assert charts.percent_point(None) is None


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: lines(("Всего", (1.0, 2.0))),
        lambda: lines(*[("Всего", (1.0, 2.0, 3.0))] * 5),
        lambda: lines(("Всего", (1.0, 2.0, float("nan")))),
        lambda: lines(("Всего", (1.0, 2.0, 3.0)), break_before=(0,)),
        lambda: YearColumns(**WORDS, years=YEARS, values=(1, 2), unit="count"),
        lambda: bars(),
        lambda: bars(("Школа", -1.0, "−1")),
        lambda: bars(*[("Школа", 1.0, "1")] * 61),
        lambda: ShareBar(**WORDS, parts=()),
        lambda: charts.chart_from_json({"kind": "Pie"}),
    ],
)
def test_an_impossible_chart_is_refused(impossible):
    with pytest.raises(ValueError, match="chart"):
        impossible()


def test_a_sparkline_runs_from_the_oldest_value_to_the_newest_above_a_zero_foot():
    assert charts.sparkline_points([0, 5, 10], width=80, height=24) == "2.0,22.0 40.0,12.0 78.0,2.0"


def test_a_sparkline_does_not_bridge_a_gap_and_keeps_the_years_in_their_places():
    assert charts.sparkline_points([10, None, 5, 10, None], width=84) == "42.0,12.0 62.0,2.0"


def test_a_sparkline_of_one_value_is_a_dot_and_of_none_is_empty():
    assert charts.sparkline_points([7.5]) == "2.0,2.0 2.0,2.0"
    assert charts.sparkline_points([None, None]) == ""
    assert charts.sparkline_points([]) == ""
    assert charts.sparkline_points([0, 0]) == "2.0,22.0 78.0,22.0"


points = st.lists(st.none() | st.floats(0, 100).map(lambda value: round(value, 1)), min_size=6, max_size=6).map(tuple)


@settings(max_examples=15, deadline=None)
@given(st.lists(points, min_size=1, max_size=4), st.sets(st.integers(1, 5)))
def test_any_lines_are_drawn_with_all_their_letters_inside(all_points, breaks):
    series = [(LONG_NAME[: 20 * (n + 1)], values) for n, values in enumerate(all_points)]
    sheet, texts = texts_of(lines(*series, years=SIX_YEARS, target=50.5, break_before=tuple(sorted(breaks))))
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= sheet.x1 and box.y1 <= sheet.y1 for _, box in texts)


def test_importing_the_module_does_not_import_matplotlib():
    code = "import sys; from portal import charts; sys.exit('matplotlib' in sys.modules or 'django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
