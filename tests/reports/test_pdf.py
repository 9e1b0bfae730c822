"""The PDF is the paper: tagged, readable, with pages, links and heads in place, and made of nothing from outside."""

import datetime
import io
from collections.abc import Iterator
from functools import cache

import pikepdf
import pypdf
import pytest

from reports.document import Annex, Contents, Figure, Heading, PageBreak, Profile
from reports.html import draw_print
from reports.pdf import PdfError, read_asset, write_pdf
from tests.reports.sample import PICTURE, paragraph, sample, title_page

MOMENT = datetime.datetime(2026, 6, 15, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=7)))
TITLE = "Аналитический отчёт за 2021/2022 учебный год"


def chart(key: str) -> bytes:
    return {"growth": PICTURE}[key]


def write(html: str) -> bytes:
    return write_pdf(html, assets=chart, title=TITLE, created=MOMENT)


def page_of(content: str) -> str:
    return f"<!DOCTYPE html><html lang=ru><head><title>Лист</title></head><body>{content}</body></html>"


@cache
def sample_pdf() -> bytes:
    return write(draw_print(sample(), lambda figure: f"chart:{figure.chart_key}"))


@pytest.fixture
def pdf() -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(sample_pdf())) as opened:
        yield opened


@pytest.fixture
def texts() -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sample_pdf())).pages]


def elements(pdf: pikepdf.Pdf, *kinds: str) -> list[pikepdf.Dictionary]:
    """Structure elements of the kinds, in reading order."""

    def walk(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
        for kid in node.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
                if str(kid.S)[1:] in kinds:
                    yield kid
                yield from walk(kid)

    return list(walk(pdf.Root.StructTreeRoot.K[0]))


def test_the_file_is_tagged_in_russian_and_shows_its_title(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "ru"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.docinfo["/Title"]) == TITLE
    assert str(pdf.docinfo["/CreationDate"]) == "D:20260615123000+07'00"
    assert pdf.open_metadata()["pdfuaid:part"] == "1"


def test_headings_stand_in_the_tags_in_order(pdf: pikepdf.Pdf) -> None:
    kinds = [str(element.S) for element in elements(pdf, "H1", "H2", "H3")]
    assert kinds == ["/H1", "/H1", "/H2", "/H3", "/H2", "/H1", "/H1", "/H1", "/H1"]


def test_every_figure_has_its_alternative_text(pdf: pikepdf.Pdf) -> None:
    figures = elements(pdf, "Figure")
    assert [str(figure.Alt) for figure in figures] == ["Столбцы растут: 25,8, 34,0 и 42,1 процента."]


def test_every_header_cell_says_whether_it_heads_a_column_or_a_row(pdf: pikepdf.Pdf) -> None:
    scopes = [str(cell.A.Scope) for cell in elements(pdf, "TH")]
    assert set(scopes) == {"/Column", "/Row"}
    assert scopes[:13] == ["/Column"] * 13
    assert scopes[13:18] == ["/Row"] * 5


def test_no_cell_names_its_headers_wrongly(pdf: pikepdf.Pdf) -> None:
    cells = elements(pdf, "TD")
    assert len(cells) > 300
    assert not [cell for cell in cells if "/Headers" in cell.A]


def test_every_font_is_embedded_and_subset(pdf: pikepdf.Pdf) -> None:
    fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]
    described = [font.FontDescriptor for font in fonts if "/FontDescriptor" in font]
    assert len(described) >= 2
    assert all("/FontFile2" in descriptor for descriptor in described)
    assert all("+Liberation-Serif" in str(descriptor.FontName) for descriptor in described)


def test_every_line_of_the_contents_leads_to_the_page_it_names() -> None:
    reader = pypdf.PdfReader(io.BytesIO(sample_pdf()))
    named = reader.named_destinations
    lines = [line for line in reader.pages[1].extract_text().splitlines() if ".." in line]
    links = [note.get_object() for note in reader.pages[1]["/Annots"]]
    pages = [reader.get_destination_page_number(named[link["/Dest"]]) + 1 for link in links]
    assert len(lines) == 13
    assert sorted(set(pages)) == sorted({int(line.rsplit(".", 1)[1]) for line in lines})


def test_no_link_of_the_paper_leads_nowhere(pdf: pikepdf.Pdf) -> None:
    known = {str(name) for name in list(pdf.Root.Names.Dests.Names)[::2]}
    links = [note for page in pdf.pages for note in page.get("/Annots", [])]
    assert {str(link.Dest) for link in links if "/Dest" in link} <= known
    assert [str(link.A.URI) for link in links if "/A" in link] == ["https://example.org/order"]


def test_pages_are_numbered_from_the_second(texts: list[str]) -> None:
    assert not any(line.strip() == "1" for line in texts[0].splitlines())
    assert [text.split()[-1] for text in texts[1:]] == [str(number) for number in range(2, len(texts) + 1)]


def test_a_long_table_repeats_its_head_and_its_column_numbers(texts: list[str]) -> None:
    pages = [text for text in texts if "для обучающихся 6–11" in text]
    assert len(pages) >= 2
    for text in pages:
        assert "Мероприятие" in text
        assert "Участников," in text
        assert "\n1\n2\n3\n" in text or "1 2 3" in text


def test_a_short_table_its_caption_and_its_notes_stay_on_one_page(texts: list[str]) -> None:
    (text,) = [text for text in texts[2:] if "Остальные показатели" in text and "Таблица" in text and "№" in text]
    assert text.index("Таблица\u00a02") < text.index("Охват тестированием") < text.index("показатель неприменим")


def test_the_landscape_annex_lies_and_the_rest_stands(pdf: pikepdf.Pdf, texts: list[str]) -> None:
    lying = [number for number, page in enumerate(pdf.pages) if page.mediabox[2] > page.mediabox[3]]
    assert lying == [number for number, text in enumerate(texts) if "МБОУ «СОШ" in text]
    assert len(lying) == 1


def test_no_page_is_left_empty_by_a_break_or_by_a_paper_of_annexes_alone() -> None:
    broken = (title_page(), PageBreak(), Contents(), PageBreak(), Heading(1, "Выводы", "a"))
    for blocks, count in ((broken, 3), ((Annex("Школы", "x", landscape=True), paragraph("Текст.")), 1)):
        content = write(draw_print(sample(None, blocks), lambda figure: f"chart:{figure.chart_key}"))
        assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == count


def test_the_text_can_be_read_back_in_russian(texts: list[str]) -> None:
    assert "УТВЕРЖДАЮ" in texts[0]
    assert "образования администрации" in texts[0]
    assert "И.О.\u00a0Фамилия" in texts[0]
    assert any("51,3\u00a0%" in text for text in texts)


def test_the_same_paper_is_the_same_bytes() -> None:
    again = write(draw_print(sample(), lambda figure: f"chart:{figure.chart_key}"))
    assert again == sample_pdf()


def test_another_moment_is_another_file_and_a_draft_has_none() -> None:
    draft = write_pdf(page_of("<p>Текст"), assets=chart, title=TITLE, created=None)
    assert draft != write(page_of("<p>Текст"))
    with pikepdf.open(io.BytesIO(draft)) as opened:
        assert "/CreationDate" not in opened.docinfo


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        write_pdf(page_of(""), assets=chart, title=TITLE, created=datetime.datetime(2026, 6, 15))  # noqa: DTZ001


@pytest.mark.parametrize(
    "content",
    [
        '<img src="http://127.0.0.1:9/x.svg" alt="а">',
        '<img src="file:///etc/hostname" alt="а">',
        '<img src="data:image/svg+xml,%3Csvg/%3E" alt="а">',
        '<img src="static:portal.js" alt="а">',
        '<img src="static:../portal/settings.py" alt="а">',
        '<img src="static:../pyproject.css" alt="а">',
        '<img src="/etc/hostname" alt="а">',
        '<img src="chart:unknown" alt="а">',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<link rel="stylesheet" href="static:reports/absent.css">',
        '<p style="background: url(http://127.0.0.1:9/x.png)">а',
    ],
)
def test_nothing_is_fetched_but_own_styles_fonts_and_charts(content: str) -> None:
    with pytest.raises(PdfError):
        write(page_of(content))


def test_a_chart_that_reaches_outside_or_cannot_be_read_stops_the_paper() -> None:
    outside = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/hostname"/></svg>'
    for picture in (outside, b"not a picture"):
        with pytest.raises(PdfError):
            write_pdf(
                page_of('<img src="chart:x" alt="а">'), assets={"x": picture}.__getitem__, title=TITLE, created=None
            )


def test_a_path_that_leads_out_of_the_static_files_is_refused() -> None:
    with pytest.raises(PdfError, match="leads out"):
        read_asset("static:../reports/x.css", chart)


def test_the_other_font_and_caption_style_of_the_profile_are_printed() -> None:
    profile = Profile(font="pt-sans", caption_style="right")
    html = draw_print(
        sample(profile, (Figure("f", "Рост", "growth", "Рост"),)), lambda figure: f"chart:{figure.chart_key}"
    )
    with pikepdf.open(io.BytesIO(write(html))) as opened:
        names = {
            str(item.FontName)
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
        }
    assert names
    assert all("+PT-Sans" in name for name in names)
