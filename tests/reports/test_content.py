"""The analytical report says what the numbers prove, in the form that officials know, and nothing more."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from portal.formats import NBSP
from portal.models import Regulation
from reports.content import analysis
from reports.content.recommendations import recommendations
from reports.content.results import indicator_block, years_table
from reports.content.topics import Addressee, topic_of
from reports.content.wording import drafted, initials, quoted, whole_fraction
from reports.document import (
    Annex,
    Block,
    BulletList,
    Document,
    Field,
    Figure,
    Heading,
    Inline,
    Note,
    NumberedList,
    Paragraph,
    Reference,
    SignatureBlock,
    Table,
    Text,
    TitlePage,
    document_from_json,
    document_to_json,
    numbered,
)
from reports.queries import Absent, AnalysisData, GivenReason, Participation, Signer
from tests.reports.paper_data import data, history, lines, one, passport, place, share

SENTENCE = "Доля выросла на 2,1 п. п. (≈ 9 выпускников) к 2020/21 уч. году."


def words(inlines: tuple[Inline, ...]) -> str:
    """Plain text; a reference, which gets its number later, stands as its key."""
    return "".join(
        one.value_text if isinstance(one, Field) else one.key if isinstance(one, Reference) else one.text
        for one in inlines
    )


def texts(blocks: tuple[Block, ...] | list[Block]) -> list[str]:
    """Every paragraph and item of a list as plain text."""
    found = []
    for block in blocks:
        match block:
            case Paragraph(inlines):
                found.append(words(inlines))
            case BulletList(items) | NumberedList(items):
                found += [words(item) for item in items]
            case Note(text):
                found.append(text)
    return found


def advice(given: AnalysisData, addressee: Addressee) -> list[str]:
    """What stands under one addressee."""
    blocks = list(recommendations(given))
    start = next(n for n, block in enumerate(blocks) if isinstance(block, Heading) and block.key == f"for-{addressee}")
    rest = blocks[start + 1 :]
    end = next((n for n, block in enumerate(rest) if isinstance(block, Heading)), len(rest))
    return texts(rest[:end])


def cells(table: Table) -> list[str]:
    return [cell.text for cell in table.rows[0]]


def test_numbers_of_drafted_prose_are_fields_and_years_are_words() -> None:
    sentence = SENTENCE.replace("п. п.", f"п.{NBSP}п.").replace("2,1 п", f"2,1{NBSP}п").replace("≈ 9", f"≈{NBSP}9")
    inlines = drafted(sentence, "1.1")
    assert [one.value_text for one in inlines if isinstance(one, Field)] == [
        f"2,1{NBSP}п.{NBSP}п.",
        f"≈{NBSP}9 выпускников",
    ]
    assert words(inlines) == sentence


def test_a_share_keeps_its_fraction_beside_its_percentage() -> None:
    fields = [one.value_text for one in drafted(f"Охват – 67,3{NBSP}% (282 из 419).", "1.1") if isinstance(one, Field)]
    assert fields == [f"67,3{NBSP}%", "282 из 419"]


def test_grades_are_no_figures() -> None:
    assert drafted("Обучающиеся 9–11 классов", "4.1") == (Text("Обучающиеся 9–11 классов"),)


def test_prose_of_an_indicator_has_no_figure_outside_a_field() -> None:
    blocks = indicator_block(history(), data())
    for paragraph in (block for block in blocks if isinstance(block, Paragraph)):
        for inline in paragraph.inlines:
            if isinstance(inline, Text):
                assert not re.search(r"\d", re.sub(r"\d{4}/\d{2,4}|\d+–\d+", "", inline.text)), inline.text


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Петрова Мария Ивановна", f"М.{NBSP}И.{NBSP}Петрова"),
        ("О. В. Образцова", f"О.{NBSP}В.{NBSP}Образцова"),
        ("Вера Примерова", f"Вера{NBSP}Примерова"),
    ],
)
def test_names_stand_under_signatures_with_initials(full: str, short: str) -> None:
    assert initials(full) == short


def test_quotes_inside_quotes_are_of_the_other_kind() -> None:
    assert quoted("Проект «Билет в будущее»") == "«Проект „Билет в будущее“»"


def test_a_fraction_is_not_torn_apart() -> None:
    assert whole_fraction(f"67,3{NBSP}% (282 из 419)") == f"67,3{NBSP}% (282{NBSP}из{NBSP}419)"
    assert whole_fraction("3 из 7") == f"3{NBSP}из{NBSP}7"


# --- the block of an indicator ----------------------------------------------------------------------------------------


def test_a_share_has_nine_numbered_columns() -> None:
    table = years_table(history(), data())
    assert table.width == 9
    assert table.column_numbers
    assert [cell.text for cell in table.head[1]] == ["Всего", "Чел.", "%"] * 3
    assert cells(table) == ["100", "40", "40,0", "100", "45", "45,0", "100", "50", "50,0"]


def test_a_count_has_one_column_a_year() -> None:
    counts = [Measured(IndicatorKind.COUNT, number, 0, 10, 10) for number in (14, 21, 23)]
    places = history("5.2", *counts, name="Количество учебных рабочих мест", kind=IndicatorKind.COUNT)
    table = years_table(places, data(places, passports={"5.2": passport("5.2", "workplaces", unit="ед.")}))
    assert cells(table) == ["14", "21", "23"]
    assert f"2021/22 уч.{NBSP}г., ед." in [cell.text for cell in table.head[0]]


def test_a_share_of_organisations_counts_schools() -> None:
    schools = [Measured(IndicatorKind.ORG_SHARE, number, 19, 19, 19) for number in (13, 15, 17)]
    renewed = history("5.7", *schools, kind=IndicatorKind.ORG_SHARE)
    table = years_table(renewed, data(renewed))
    assert [cell.text for cell in table.head[1]][:3] == ["Всего", "Школ", "%"]


def test_a_base_under_ten_has_no_percentage() -> None:
    table = years_table(history("4.1", share(3, 7), share(3, 9), share(5, 10)), data())
    assert cells(table) == ["7", "3", "–", "9", "3", "–", "10", "5", "50,0"]


def test_what_is_inapplicable_or_missing_is_told_by_its_sign() -> None:
    table = years_table(history("4.1", None, share(0, 0, 0, 5), share(0, 12)), data())
    assert cells(table) == ["х", "х", "х", "…", "…", "…", "12", "0", "0,0"]


def test_coverage_stands_under_the_table_and_schools_without_data_are_named() -> None:
    partial = history("4.1", share(40, 100), share(45, 100, 8), share(50, 100, 9))
    given = data(partial, lines=lines("4.1", {1: one(20, 50), 2: share(0, 0, 0, 1)}))
    notes = years_table(partial, given).notes
    assert notes[0].endswith("по данным 9 из 10 школ.")
    assert notes[1] == "Нет данных: Школа № 2."
    assert notes[2].endswith("по данным 8 из 10 школ.")


def test_nothing_is_compared_across_a_changed_definition() -> None:
    changed = history("2.1-p", share(50, 615), share(27, 602), share(90, 604), codes=("2.1", "2.1", "2.1-p"))
    blocks = indicator_block(changed, data(changed))
    told = " ".join(texts(blocks))
    assert not re.search("выросл|снизил|динамика", told, re.IGNORECASE)
    table = next(block for block in blocks if isinstance(block, Table))
    assert any("показатель 2.1: определение изменено" in note for note in table.notes)


def test_a_change_under_one_point_is_no_growth() -> None:
    even = history("4.1", share(500, 1000), share(500, 1000), share(509, 1000))
    told = " ".join(texts(indicator_block(even, data(even))))
    assert "почти не изменилась" in told
    assert "Динамика" not in told


def test_schools_without_a_form_are_not_listed_under_every_table() -> None:
    partial = history("4.1", share(40, 100), share(45, 100), share(50, 100, 1, 2))
    rows = lines("4.1", {1: one(50, 100), 2: share(0, 0, 0, 1)})
    missing = (Participation("Мониторинг", 2, 1, 1, (("Школа № 2", "не начата"),)),)
    notes = years_table(partial, data(partial, lines=rows, participation=missing)).notes
    assert notes[1] == "Школы без принятой формы названы в подразделе «Участие школ»."


def test_reasons_of_schools_stand_beside_the_change_with_their_year() -> None:
    reasons = (GivenReason(2020, "Тестирование впервые включено в план.", ("Школа № 1",)),)
    told = texts(indicator_block(history(), data(reasons={"4.1": reasons})))
    assert told[-1] == "2020/21: тестирование впервые включено в план (Школа № 1)."


# --- the whole paper --------------------------------------------------------------------------------------------------


@pytest.fixture
def paper() -> Document:
    """A year with main and other indicators, a target missed, a school behind, one without a form and a blank."""
    main = history(target=Fraction(60, 100))
    other = history("4.2", name="Доля обучающихся 6–11 классов, прошедших профориентационное тестирование")
    schools = lines("4.1", {place: one(10 + 2 * place, 50) for place in range(1, 11)})
    given = data(
        main,
        other,
        profile=(main,),
        lines=schools,
        participation=(Participation("Мониторинг", 11, 10, 9, (("Школа № 11", "заполняется"),)),),
        absent=(Absent("3.8", "Доля охваченных «профминимумом»", "в этом году не собиралась"),),
        municipality=place(made_up="Данные вымышлены."),
    )
    return analysis(given)


def inlines_of(block: Block) -> Iterator[Inline]:
    if isinstance(block, Paragraph):
        yield from block.inlines
    elif isinstance(block, BulletList | NumberedList):
        for item in block.items:
            yield from item


def test_chapters_stand_in_the_approved_order(paper: Document) -> None:
    chapters = [block.text for block in paper.blocks if isinstance(block, Heading) and block.level == 1]
    assert chapters == [
        "Основания проведения мониторинга",
        "Цели мониторинга",
        "Показатели и источники данных",
        "Методы сбора данных и участники",
        "Результаты мониторинга",
        "Сравнение школ",
        "Выводы",
        "Адресные рекомендации",
    ]


def test_every_table_and_figure_is_spoken_of_before_it_stands(paper: Document) -> None:
    spoken: set[str] = set()
    for block in paper.blocks:
        if isinstance(block, Table | Figure):
            assert block.key in spoken, block.key
        spoken |= {inline.key for inline in inlines_of(block) if isinstance(inline, Reference)}


def test_the_tree_is_numbered_and_survives_freezing(paper: Document) -> None:
    assert numbered(paper).labels["formulas"].number == "1"
    assert document_from_json(document_to_json(paper)) == paper


def test_the_title_page_bears_the_stamp_and_says_what_is_made_up_and_what_is_missing(paper: Document) -> None:
    title = paper.blocks[0]
    assert isinstance(title, TitlePage)
    assert title.approval is not None
    assert title.approval.word == "УТВЕРЖДАЮ"
    assert title.approval.name == f"А.{NBSP}И.{NBSP}Примерова"
    assert title.kind == "АНАЛИТИЧЕСКИЙ ОТЧЁТ"
    assert title.place_year == f"г.{NBSP}Сосновск, 2022"
    assert title.notes[0] == "Данные вымышлены."
    assert "неполным данным" in title.notes[1]


def test_the_signature_stands_before_the_annexes(paper: Document) -> None:
    kinds = [type(block) for block in paper.blocks]
    assert kinds.index(SignatureBlock) < kinds.index(Annex)
    assert kinds[kinds.index(SignatureBlock) + 1] is Annex


def test_the_methodist_signs_where_the_municipality_has_one() -> None:
    paper = analysis(data(signer=Signer("методист", "Петрова Мария Ивановна", "2-22-22")))
    block = next(block for block in paper.blocks if isinstance(block, SignatureBlock))
    assert block.name == f"М.{NBSP}И.{NBSP}Петрова"
    assert block.executor == "Исполнитель: Петрова Мария Ивановна\nтел. 2-22-22"


def test_other_indicators_take_one_line_each(paper: Document) -> None:
    table = next(block for block in paper.blocks if isinstance(block, Table) and block.key == "other")
    assert [row[0].text for row in table.rows] == ["4.2"]
    assert not any(isinstance(block, Table) and block.key == "table-4.2" for block in paper.blocks)


def test_indicators_without_a_value_are_named_with_the_reason(paper: Document) -> None:
    assert "3.8 «Доля охваченных „профминимумом“» – в этом году не собиралась." in texts(list(paper.blocks))


def test_a_school_without_an_accepted_form_is_named(paper: Document) -> None:
    told = texts(list(paper.blocks))
    assert "Школа № 11 – форма заполняется." in told
    assert any("у 10 из 11 организаций" in one for one in told)


def test_the_annex_has_a_turned_table_for_each_group_with_every_school(paper: Document) -> None:
    annex = next(block for block in paper.blocks if isinstance(block, Annex) and block.key == "annex-schools")
    assert annex.landscape
    table = next(block for block in paper.blocks if isinstance(block, Table) and block.key == "schools-1")
    assert [row[0].text for row in table.rows] == [f"Школа № {n}" for n in range(1, 11)] + ["По муниципалитету"]
    assert table.rows[0][1].text == "24,0"
    assert table.rows[-1][1].text == "50,0"
    assert table.total_row


def test_the_words_keep_the_rules_of_print(paper: Document) -> None:
    cells_of = [cell.text for block in paper.blocks if isinstance(block, Table) for row in block.rows for cell in row]
    for text in [*texts(list(paper.blocks)), *cells_of]:
        assert "  " not in text, text
        assert not re.search(r"[\"\u202f\u2009]|\d%|\d %| - |\d\.\d%", text), text


def test_acts_are_the_grounds_and_their_absence_is_said() -> None:
    act = Regulation(
        pk=1, kind="order", issuer="управления образования", number="318", date=date(2021, 9, 2), title="О мониторинге"
    )
    assert f"приказ управления образования от 2 сентября 2021{NBSP}г. №{NBSP}318 «О мониторинге»." in texts(
        list(analysis(data(regulations=(act,))).blocks)
    )
    assert "Акты, на основании которых проведён мониторинг, в портале не указаны." in texts(
        list(analysis(data()).blocks)
    )


def test_the_look_is_the_municipality_s_and_unknown_settings_are_left_out() -> None:
    own = place(document_profile={"margin_left": 20, "caption_style": "dot", "report_indicators": ["4.1"]})
    profile = analysis(data(municipality=own)).profile
    assert (profile.margin_left, profile.caption_style, profile.margin_right) == (20, "dot", 10)


# --- recommendations --------------------------------------------------------------------------------------------------


def test_an_indicator_below_its_target_asks_the_municipality_to_act() -> None:
    (item,) = advice(data(history(target=Fraction(60, 100))), Addressee.MUNICIPALITY)
    assert item.startswith("Организовать выездную диагностику")
    assert f"показатель{NBSP}4.1" in item
    assert f"50,0{NBSP}% (50 из 100), целевое значение 60{NBSP}% не достигнуто, не хватает 10 обучающихся" in item


def test_a_noticeable_fall_asks_for_action_and_names_the_threshold() -> None:
    fell = history("4.1", share(50, 100), share(50, 100), share(40, 100), target=Fraction(30, 100))
    (item,) = advice(data(fell), Addressee.MUNICIPALITY)
    assert f"−10,0{NBSP}п.{NBSP}п. к 2020/21 при пороге 1{NBSP}п.{NBSP}п." in item


def test_a_path_that_is_not_judged_gives_no_recommendation() -> None:
    fell = history("1.1", share(90, 100), share(80, 100), share(40, 100), better="none", target=Fraction(1))
    for addressee in Addressee:
        (sentence,) = advice(data(fell), addressee)
        assert sentence.endswith("рекомендаций по данным этого года нет.")


def test_every_addressee_has_a_section_and_an_empty_one_says_so() -> None:
    reached = data(history(target=Fraction(50, 100)))
    sentences = {addressee: advice(reached, addressee) for addressee in Addressee}
    assert sentences[Addressee.PARENTS] == ["Для родителей рекомендаций по данным этого года нет."]
    assert all(len(found) == 1 for found in sentences.values())


def test_schools_of_the_lowest_quarter_are_named_to_their_heads_with_values() -> None:
    values = {place: one(10 + 2 * place, 50) for place in range(1, 9)}
    (item,) = advice(data(lines=lines("4.1", values)), Addressee.HEADS)
    assert f"Школы: Школа № 1 – 24,0{NBSP}% (12 из 50); Школа № 2 – 28,0{NBSP}% (14 из 50)." in item
    assert "Школа № 3" not in item
    assert "нижняя четверть школ – до" in item


def test_pupils_and_teachers_read_the_same_schools_without_values() -> None:
    values = {place: one(10 + 2 * place, 50) for place in range(1, 9)}
    for addressee in (Addressee.TEACHERS, Addressee.PARENTS, Addressee.PUPILS):
        (item,) = advice(data(lines=lines("4.1", values)), addressee)
        assert item.endswith("Школы: Школа № 1, Школа № 2.")


def test_fewer_than_eight_comparable_schools_have_no_quarter() -> None:
    values = {place: one(10 + 2 * place, 50) for place in range(1, 8)} | {8: one(0, 19)}
    assert advice(data(lines=lines("4.1", values)), Addressee.HEADS) == [
        "Для руководителей школ рекомендаций по данным этого года нет."
    ]


def test_a_school_with_a_base_under_twenty_is_not_named() -> None:
    values = {place: one(10 + 2 * place, 50) for place in range(1, 9)} | {9: one(0, 19)}
    (item,) = advice(data(lines=lines("4.1", values)), Addressee.HEADS)
    assert "Школа № 9" not in item


def test_a_school_that_fell_too_is_told_so() -> None:
    now = lines("4.1", {place: one(10 + 2 * place, 50) for place in range(1, 9)})
    before = lines("4.1", {1: one(30, 50), 2: one(14, 50)})
    (item,) = advice(data(lines=now, earlier=before), Addressee.HEADS)
    assert "(12 из 50), хуже прошлогоднего; Школа № 2" in item
    assert "(14 из 50), хуже" not in item


def test_two_indicators_of_one_topic_give_one_action() -> None:
    first, second = history(target=Fraction(60, 100)), history("4.2", target=Fraction(70, 100))
    (item,) = advice(data(first, second), Addressee.PUPILS)
    assert item.count("Пройти профориентационную диагностику") == 1
    assert f"показатель{NBSP}4.1" in item
    assert f"показатель{NBSP}4.2" in item


def test_schools_without_data_or_without_a_form_are_asked_for_them() -> None:
    partial = history("4.1", share(40, 100), share(45, 100), share(50, 100, 9))
    given = data(
        partial,
        lines=lines("4.1", {1: one(50, 100), 2: share(0, 0, 0, 1), 3: share(0, 0, 0, 1)}),
        participation=(Participation("Мониторинг", 3, 2, 2, (("Школа № 3", "не начата"),)),),
    )
    (heads,) = advice(given, Addressee.HEADS)
    assert heads.endswith("по данным 9 из 10 школ. Нет данных: Школа № 2 (4.1).")
    *_, municipality = advice(given, Addressee.MUNICIPALITY)
    assert municipality.endswith("Не приняты: Школа № 3 (форма не начата).")


def test_a_school_low_in_several_indicators_gets_help_as_a_whole() -> None:
    codes = ("4.1", "4.2", "4.4")
    histories = [history(code) for code in codes]
    rows = lines("4.1", {place: one(10 + 2 * place, 50) for place in range(1, 9)})
    for line in rows:
        line.values.update(dict.fromkeys(codes, line.values["4.1"]))
    found = advice(data(*histories, lines=rows), Addressee.MUNICIPALITY)
    assert found[0].endswith("Школа № 1 (4.1, 4.2, 4.4); Школа № 2 (4.1, 4.2, 4.4).")


def test_a_year_without_targets_asks_the_municipality_to_set_them() -> None:
    (item,) = advice(data(), Addressee.MUNICIPALITY)
    assert item.startswith("Установить целевые значения основных показателей")
    assert item.endswith("(4.1).")


def test_every_recommendation_names_its_indicator() -> None:
    values = {place: one(10 + 2 * place, 50) for place in range(1, 9)}
    given = data(history(target=Fraction(60, 100)), lines=lines("4.1", values))
    for addressee in Addressee:
        assert all("Основание: показатель" in item for item in advice(given, addressee))


def test_an_unknown_indicator_still_gets_an_action() -> None:
    assert topic_of(("something_new",)).municipality
    assert topic_of(("something_new",)).heads
