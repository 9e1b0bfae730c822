"""The tree numbers itself, refuses what is not a paper, and comes back from JSON exactly as it was."""

import json

import pytest

from portal.formats import NBSP
from reports.document import (
    Annex,
    BulletList,
    Cell,
    Document,
    DocumentError,
    Figure,
    HeadCell,
    Heading,
    Link,
    Paragraph,
    Profile,
    Reference,
    Table,
    Text,
    document_from_json,
    document_to_json,
    numbered,
)
from tests.reports.sample import sample


def table(key: str, caption: str = "Охват") -> Table:
    return Table(key, caption, ((HeadCell("Школа"), HeadCell("Чел.")),), ((Cell("Всего"), Cell("5", numeric=True)),))


def paper(*blocks: object) -> Document:
    return Document("Отчёт", "Мониторинг", tuple(blocks))  # type: ignore[arg-type]


def _paragraph(inline: dict) -> dict:
    return {"type": "paragraph", "inlines": [inline]}


def numbers(document: Document) -> dict[str, str]:
    return {key: label.number for key, label in numbered(document).labels.items()}


def test_headings_are_numbered_by_level_and_an_unnumbered_one_takes_no_number() -> None:
    document = paper(
        Heading(1, "Введение", "intro", numbered=False),
        Heading(1, "Показатели", "a"),
        Heading(2, "Охват", "a1"),
        Heading(3, "Село", "a11"),
        Heading(2, "Родители", "a2"),
        Heading(1, "Выводы", "b"),
        Heading(2, "Итог", "b1"),
    )
    assert numbers(document) == {"intro": "", "a": "1", "a1": "1.1", "a11": "1.1.1", "a2": "1.2", "b": "2", "b1": "2.1"}


def test_headings_inside_an_annex_have_no_number_of_the_body() -> None:
    document = paper(Heading(1, "Выводы", "a"), Annex("Школы", "x"), Heading(1, "Село", "y"), Annex("Акты", "z"))
    assert numbers(document) == {"a": "1", "x": "1", "y": "", "z": "2"}


def test_a_removed_table_renumbers_every_later_table_and_reference() -> None:
    closing = Paragraph((Text("см. "), Reference("c")))
    whole = paper(table("a"), table("b"), table("c"), closing)
    shorter = paper(table("a"), table("c"), closing)
    assert numbers(whole) == {"a": "1", "b": "2", "c": "3"}
    assert numbered(shorter).labels["c"].reference() == f"таблица{NBSP}2"


def test_tables_and_figures_are_counted_apart() -> None:
    document = paper(table("t1"), Figure("f1", "Рост", "chart", "Рост"), table("t2"))
    assert numbers(document) == {"t1": "1", "f1": "1", "t2": "2"}


@pytest.mark.parametrize(
    ("key", "case", "words"),
    [
        ("t", "nominative", "таблица 1"),
        ("t", "genitive", "таблицы 1"),
        ("t", "prepositional", "таблице 1"),
        ("f", "prepositional", "рисунке 1"),
        ("s", "nominative", "раздел 1"),
        ("s1", "prepositional", "подразделе 1.1"),
        ("s11", "genitive", "пункта 1.1.1"),
        ("x", "prepositional", "приложении 1"),
    ],
)
def test_a_reference_is_said_in_the_case_the_sentence_needs(key: str, case: str, words: str) -> None:
    headings = (Heading(1, "А", "s"), Heading(2, "Б", "s1"), Heading(3, "В", "s11"))
    document = paper(*headings, table("t"), Figure("f", "Рост", "chart", "Рост"), Annex("Школы", "x"))
    assert numbered(document).labels[key].reference(case) == words.replace(" ", NBSP)  # type: ignore[arg-type]


def test_a_caption_follows_the_style_of_the_profile() -> None:
    label = numbered(paper(table("t"))).labels["t"]
    assert label.caption("dash") == (f"Таблица{NBSP}1{NBSP}– Охват",)
    assert label.caption("dot") == (f"Таблица{NBSP}1. Охват",)
    assert label.caption("right") == (f"Таблица{NBSP}1", "Охват")


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ((Paragraph((Reference("lost"),)),), "'lost', which is not in the paper"),
        ((BulletList(((Reference("lost"),),)),), "'lost', which is not in the paper"),
        ((table("a"), Heading(1, "Охват", "a")), "'a' is used twice"),
        ((Heading(1, "А", "a", numbered=False), Paragraph((Reference("a"),))), "a heading without a number"),
        ((Heading(1, "А", "a"), Heading(3, "Б", "b")), "skips a level"),
    ],
)
def test_a_paper_with_a_broken_key_is_refused(blocks: tuple[object, ...], complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        numbered(paper(*blocks))


@pytest.mark.parametrize(
    ("head", "rows", "complaint"),
    [
        ((), (), "no head"),
        (((HeadCell("А"), HeadCell("Б")),), ((Cell("1"),),), "2 columns and 1 cells in row 1"),
        (((HeadCell("А", colspan=2),), (HeadCell("Б"),)), (), "too few cells in row 2"),
        (((HeadCell("А", rowspan=2), HeadCell("Б")), (HeadCell("В"), HeadCell("Г"))), (), "too many cells in row 2"),
        (((HeadCell("А", rowspan=2), HeadCell("Б")),), (), "below its head"),
    ],
)
def test_a_table_that_is_not_rectangular_is_refused(head: tuple, rows: tuple, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        Table("t", "Охват", head, rows)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//example.org/", "data:text/html,x", "file:///etc/passwd"])
def test_a_link_to_anything_but_a_page_or_mail_is_refused(address: str) -> None:
    with pytest.raises(DocumentError, match="is not a path"):
        Link("сайт", address)
    with pytest.raises(DocumentError, match="is not a path"):
        Cell("сайт", href=address)


def test_a_figure_without_a_text_for_the_blind_is_refused() -> None:
    with pytest.raises(DocumentError, match="no text"):
        Figure("f", "Рост", "chart", " ")


@pytest.mark.parametrize(
    "wrong", [{"margin_left": 0}, {"body_size": 40}, {"font": "comic"}, {"caption_style": "under"}]
)
def test_a_profile_out_of_bounds_is_refused(wrong: dict) -> None:
    with pytest.raises(DocumentError, match="of a profile"):
        Profile(**wrong)


def test_a_paper_comes_back_from_json_text_exactly() -> None:
    document = sample(Profile(margin_left=20, caption_style="right"))
    frozen = json.dumps(document_to_json(document), ensure_ascii=False)
    assert document_from_json(json.loads(frozen)) == document


def test_a_part_with_a_default_may_be_missing_in_an_older_frozen_paper() -> None:
    frozen = document_to_json(paper(Heading(1, "А", "a")))
    del frozen["blocks"][0]["numbered"]
    assert document_from_json(frozen) == paper(Heading(1, "А", "a"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"version": 2}, "has version 1"),
        ({"author": "кто-то"}, "unknown parts: author"),
        ({"title": 5}, "document.title is not str"),
        ({"blocks": "текст"}, "document.blocks is not a list"),
        ({"blocks": [{"type": "video"}]}, r"document.blocks\[0\] is of an unknown kind: 'video'"),
        ({"blocks": [{"type": "text", "text": "а"}]}, "unknown kind: 'text'"),
        ({"blocks": [{"type": "note"}]}, r"document.blocks\[0\] lacks: text"),
        ({"blocks": [{"type": "heading", "level": True, "text": "а", "key": "a"}]}, "level is not int"),
        ({"blocks": [_paragraph({"type": "link", "text": "а", "address": "javascript:x"})]}, "is not a path"),
        ({"blocks": [_paragraph({"type": "reference", "key": "a", "case": "dative"})]}, "none of"),
    ],
)
def test_json_that_is_not_a_paper_is_refused_with_the_place(change: dict, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        document_from_json({**document_to_json(paper()), **change})
