"""The tree becomes sound HTML: headings in order, tables with heads, links that lead somewhere, nothing unescaped."""

import re
from html.parser import HTMLParser

import pytest

from portal.formats import NBSP
from reports.document import Cell, Contents, Field, Figure, HeadCell, Heading, Profile, SignatureBlock, Table
from reports.html import draw_page, draw_print
from tests.reports.sample import annexes, body, paragraph, sample, small_table, three_years

VOID = {"img", "meta", "link", "br", "hr"}


class Outline(HTMLParser):
    """Start tags with their attributes, in order; complains of a tag closed out of order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def page(*blocks: object, profile: Profile | None = None) -> str:
    return draw_page(sample(profile, blocks or None), lambda figure: f"/charts/{figure.chart_key}.svg")  # type: ignore[arg-type]


def printed(*blocks: object, profile: Profile | None = None) -> str:
    return draw_print(sample(profile, blocks or None), lambda figure: f"chart:{figure.chart_key}")  # type: ignore[arg-type]


def test_the_page_begins_at_the_second_level_and_the_print_at_the_first() -> None:
    levels = [tag for tag, _ in Outline(page()).tags if re.fullmatch("h[1-6]", tag)]
    assert levels == ["h2", "h2", "h3", "h4", "h3", "h2", "h2", "h2", "h2"]
    assert [tag for tag, _ in Outline(printed()).tags if re.fullmatch("h[1-6]", tag)] == [
        f"h{int(level[1]) - 1}" for level in levels
    ]


def test_every_inner_link_leads_to_an_id_that_stands_once() -> None:
    for html in (page(), printed()):
        outline = Outline(html)
        ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
        targets = [link["href"] for link in outline.named("a") if str(link["href"]).startswith("#")]
        assert len(ids) == len(set(ids))
        assert len(targets) == 17
        assert {str(target)[1:] for target in targets} <= set(ids)


def test_the_contents_list_headings_to_the_asked_level_annexes_and_tables() -> None:
    contents = page().partition("</nav>")[0]
    entries = re.findall(r'href="#paper-[^"]+">([^<]+)<', contents)
    assert entries[:4] == ["Введение", "1 Показатели", "1.1 Охват обучающихся", "1.2 Остальные показатели"]
    assert "1.1.1 Сельские школы" not in entries
    assert f"Приложение{NBSP}2. Нормативные правовые акты" in entries
    assert f"Таблица{NBSP}2. Остальные показатели" in entries
    assert f"Рисунок{NBSP}1. Охват обучающихся по годам, %" in entries


def test_a_paper_without_figures_has_no_empty_list_of_them() -> None:
    assert "Перечень рисунков" not in page(Contents(figures=True), Heading(1, "Выводы", "a"))


def test_head_cells_say_what_they_head_and_groups_have_their_columns() -> None:
    outline = Outline(page(three_years("t", "Охват")))
    scopes = [cell["scope"] for cell in outline.named("th")]
    assert scopes == ["col", *["colgroup"] * 3, *["col"] * 9, *["row"] * 5]
    assert [group["span"] for group in outline.named("colgroup")] == ["1", "3", "3", "3"]


def test_a_numbered_row_of_columns_stands_in_the_head_and_is_not_a_header() -> None:
    head = page(three_years("t", "Охват")).partition("</thead>")[0]
    assert re.findall(r"<td>(\d+)</td>", head) == [str(number) for number in range(1, 11)]


def test_the_column_that_names_the_row_may_be_the_second() -> None:
    row = page(small_table()).partition("<tbody>")[2].partition("</tr>")[0]
    assert re.findall(r'<(td|th) class="([\w-]+)', row) == [
        ("td", "paper-center"),
        ("th", "paper-left"),
        ("td", "paper-right"),
    ]


def test_only_a_table_wider_than_six_columns_scrolls_in_a_named_region_and_only_on_the_page() -> None:
    wide = [
        attributes for attributes in Outline(page(three_years("t", "Охват"))).named("div") if "tabindex" in attributes
    ]
    assert [(region["role"], region["aria-label"]) for region in wide] == [("region", f"Таблица{NBSP}1. Охват")]
    assert "tabindex" not in page(small_table())
    assert "tabindex" not in printed(three_years("t", "Охват"))


def test_only_the_last_row_is_the_total() -> None:
    rows = page(three_years("t", "Охват")).partition("<tbody>")[2].split("<tr")[1:]
    assert [row.startswith(' class="paper-total"') for row in rows] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("style", "spans"),
    [
        ("dash", f"<span>Таблица{NBSP}1{NBSP}– Охват</span>"),
        ("dot", f"<span>Таблица{NBSP}1. Охват</span>"),
        ("right", f"<span>Таблица{NBSP}1</span><span>Охват</span>"),
    ],
)
def test_the_caption_is_drawn_in_the_style_of_the_profile(style: str, spans: str) -> None:
    html = page(three_years("t", "Охват"), profile=Profile(caption_style=style))  # type: ignore[arg-type]
    assert f"<caption>{spans}</caption>" in html


def test_a_figure_is_an_image_with_its_alternative_text_and_caption() -> None:
    html = page(Figure("f", "Рост", "2021-p01", "Растёт с 25 до 42"))
    assert '<img src="/charts/2021-p01.svg" alt="Растёт с 25 до 42">' in html
    assert f"<figcaption>Рисунок{NBSP}1{NBSP}– Рост</figcaption>" in html


def test_a_number_from_the_data_is_marked_with_its_code_and_joins_its_sentence_without_a_gap() -> None:
    html = page(paragraph("Охват – ", Field(f"51,3{NBSP}%", "P-01"), "."))
    assert f'<p>Охват – <span class="paper-field" data-field="P-01">51,3{NBSP}%</span>.</p>' in html.replace("\n", "")


def test_a_path_inside_the_portal_is_a_link_on_the_page_and_words_on_paper() -> None:
    assert '<a href="/monitoring/indicators/P-01/">Охват тестированием</a>' in page(*body(), *annexes())
    assert "/monitoring/indicators/" not in printed(*body(), *annexes())
    assert 'href="https://example.org/order"' in printed(*body(), *annexes())


def test_whatever_people_typed_is_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>\"'&"
    table = Table("t", evil, ((HeadCell(evil),),), ((Cell(evil, href="/a?x=<b>"),),), notes=(evil, evil))
    blocks = (Heading(1, evil, "h"), paragraph(evil, Field(evil, evil)), table, Figure("f", evil, "c", evil))
    for html in (page(*blocks, SignatureBlock(evil, evil, evil)), printed(*blocks)):
        assert "<script" not in html
        assert "<b>" not in html
        assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;") >= 8
        Outline(html)


def test_the_page_carries_no_inline_style_for_the_content_policy_to_refuse() -> None:
    html = page()
    assert "style=" not in html
    assert "<style" not in html


def test_the_margins_and_type_of_the_profile_reach_the_print() -> None:
    profile = Profile(margin_left=20, margin_top=25, font="pt-sans", body_size=12, line_spacing=150)
    html = printed(profile=profile)
    assert '@page { margin: 25mm 10mm 20mm 20mm; font-family: "PT Sans" }' in html
    assert "@page landscape { margin: 20mm 25mm 10mm 20mm }" in html
    assert 'body { font-family: "PT Sans"; font-size: 12pt; line-height: 1.5 }' in html


def test_one_note_and_several_notes_are_opened_by_the_right_word() -> None:
    assert "Примечание. Доля вычислена" in page(three_years("t", "Охват"))
    assert "Примечания:" in page(small_table())
