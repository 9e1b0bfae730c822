"""Does the catalogue's reader take the real file whole and refuse every bad one at its line?"""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.catalogue import (
    ALL_GRADES,
    ALL_KINDS,
    BOUNDS,
    GENERAL_KINDS,
    Catalogue,
    CatalogueError,
    CatalogueRefused,
    TermRecord,
    element_meaning,
    entails,
    grades_label,
    indicator_meaning,
    meaning_changes,
    narrowness,
    parse_catalogue,
)
from portal.enums import SchoolKind

FILE = Path(__file__).parents[2] / "fixtures" / "catalogue.yaml"

# One row a line; tests replace a line or a part of it and count lines from here.
BASE = """\
forms:
  - {code: year, title: Мониторинг}
  - {code: kids, title: Дошкольники, kinds: [preschool]}
sections:
  - {code: pupils, form: year, title: Контингент, as_at: на 20 сентября, source: ОО-1}
  - {code: kids, form: kids, title: Дети, as_at: на 31 мая}
elements:
  - {code: pupils_9, section: pupils, grades: [9], unit: чел., name: Обучающихся}
  - {code: pupils_10, section: pupils, grades: [10], unit: чел., name: Обучающихся}
  - {code: tested, section: pupils, grades: [9, 10], unit: чел., once: true, name: Прошли тестирование}
  - {code: games, section: pupils, unit: чел., until: 2021, name: Игры}
  - {code: quests, section: pupils, unit: чел., since: 2022, succeeds: games, name: Квесты}
  - {code: kids_all, section: kids, unit: чел., name: Воспитанники}
populations:
  pupils: [pupils_9, pupils_10]
  people: [pupils, kids_all]
groups:
  - {code: support, title: Сопровождение}
indicators:
  - {code: "1.1", group: support, kind: share, better: up, name: Доля, numerator: [tested], denominator: [pupils]}
  - {code: "1.2", group: support, kind: count, better: none, name: Число, numerator: [games]}
not_collected:
  - {name: Индекс, reason: нет формулы}
checks:
  - {code: W1, severity: warning, left: [games], op: "<=", right: [pupils], message: Игроков не больше}
year_on_year:
  - {code: W2, severity: warning, percent: 30, people: 10, message: Поясните}
form_rules:
  - {code: W3, severity: warning, rule: round, percent: 80, people: 10, message: Числа круглые}
"""


@pytest.fixture(scope="module")
def real() -> Catalogue:
    return parse_catalogue(FILE.read_text(encoding="utf-8"))


def errors_of(text: str) -> tuple[CatalogueError, ...]:
    with pytest.raises(CatalogueRefused) as refusal:
        parse_catalogue(text)
    return refusal.value.errors


def changed(old: str, new: str) -> str:
    assert BASE.count(old) == 1, f"«{old}» must stand once in the base"
    return BASE.replace(old, new)


# --- the real file ---------------------------------------------------------------------------------------------------


def test_the_real_file_gives_every_row(real: Catalogue) -> None:
    assert len(real.forms) == 4
    assert len(real.sections) == 12
    assert len(real.elements) == 91
    assert len(real.populations) == 13
    assert len(real.groups) == 6
    assert len(real.indicators) == 56
    assert [indicator.kind for indicator in real.indicators].count("share") == 45
    assert [indicator.kind for indicator in real.indicators].count("org_share") == 8
    assert len(real.not_collected) == 1
    assert sum(check.kind == "relation" and not check.implied for check in real.checks) == 27
    assert sum(check.implied for check in real.checks) == 32
    assert sum(check.kind in BOUNDS for check in real.checks) == 6
    assert [check.order for check in real.checks] == list(range(1, 67))


def test_every_row_knows_the_line_it_stands_on(real: Catalogue) -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    rows = (*real.forms, *real.sections, *real.elements, *real.groups, *real.indicators)
    for row in (*rows, *(check for check in real.checks if not check.implied)):
        written = lines[row.line - 1].lstrip(" -{")
        assert written.startswith((f"code: {row.code},", f'code: "{row.code}",'))
    for population in real.populations:
        assert lines[population.line - 1].lstrip().startswith(f"{population.code}:")


def test_an_element_has_all_that_its_row_says(real: Catalogue) -> None:
    element = real.element["professionals_9_11"]
    assert (element.section, element.form, element.unit, element.once) == ("contests", "year", "чел.", True)
    assert (element.grades, element.kinds) == ((9, 10, 11), GENERAL_KINDS)
    assert (element.since, element.until, element.succeeds) == (2022, None, "worldskills_9_11")
    assert (element.programme, element.hint) == ("champ", "зрители и участники мастер-классов не учитываются")


def test_kinds_come_from_the_element_then_its_form_then_the_general_schools() -> None:
    catalogue = parse_catalogue(
        changed("code: games, section: pupils,", "code: games, section: pupils, kinds: [lyceum],")
    )
    assert catalogue.element["games"].kinds == ("lyceum",)
    assert catalogue.element["kids_all"].kinds == ("preschool",)
    assert catalogue.element["quests"].kinds == GENERAL_KINDS


def test_kinds_are_those_of_the_organisations_of_the_portal() -> None:
    assert list(ALL_KINDS) == SchoolKind.values


def test_a_sentence_too_long_for_its_column_gives_way_to_a_short_one() -> None:
    names = changed("name: Прошли тестирование", f"name: {'а' * 290}").replace("name: Игры", f"name: {'б' * 290}")
    message = parse_catalogue(names.replace("numerator: [tested]", "numerator: [tested, games]")).check["E-1.1"].message
    assert message == "Числитель показателя 1.1 должен быть не больше его знаменателя"


def test_a_row_may_be_collected_in_one_year_alone() -> None:
    element = parse_catalogue(changed("since: 2022", "since: 2022, until: 2022")).element["quests"]
    assert (element.since, element.until) == (2022, 2022)


def test_a_population_is_expanded_and_its_code_kept_beside_each_element(real: Catalogue) -> None:
    indicator = real.indicator["1.8"]
    assert indicator.numerator == (
        TermRecord("grad9_grade10", ""),
        TermRecord("grad9_vocational", "admitted"),
        TermRecord("grad11_vocational", "admitted"),
        TermRecord("grad11_higher", "admitted"),
    )
    check = real.check["E203"]
    assert (check.left, check.right) == (("disabled_10_12",), ("pupils_10", "pupils_11", "pupils_12"))
    assert (check.left_names, check.right_names) == (("disabled_10_12",), ("pupils_10_11", "pupils_12"))
    assert real.forms_of(real.check["W109"].left + check.right) == ("year", "graduates")


def test_a_population_may_name_another_written_below_it() -> None:
    text = BASE.replace("  pupils: [pupils_9, pupils_10]\n  people", "  people", 1)
    text = text.replace("[pupils, kids_all]\n", "[pupils, kids_all]\n  pupils: [pupils_9, pupils_10]\n", 1)
    people = next(row for row in parse_catalogue(text).populations if row.code == "people")
    assert people.elements == ("pupils_9", "pupils_10", "kids_all")


# --- implied checks --------------------------------------------------------------------------------------------------


def test_shares_that_listed_checks_entail_have_no_check_of_their_own(real: Catalogue) -> None:
    # By hand: 1.1, 1.3, 1.4, 6.1, 6.2 are parts of the sums E101 and E102; 1.2 is E104, E103, E101; 1.5 is E103, E106,
    # E101, E102; 1.6 is E108 word for word; 1.7 is E105 and E107; 1.8 takes four parts of E101 and E102; 3.1 is E401
    # and E402; 3.1-p is E402; 6.3 is E701. Nothing listed bounds the participants of 4.1 or the pupils of 3.5.
    implied = {check.indicator for check in real.checks if check.implied}
    shares = [indicator.code for indicator in real.indicators if indicator.kind == "share"]
    entailed = [code for code in shares if code not in implied]
    assert entailed == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "3.1", "3.1-p", "6.1", "6.2", "6.3"]


def test_an_implied_check_is_an_error_with_the_years_of_its_indicator(real: Catalogue) -> None:
    check = real.check["E-2.1-p"]
    assert (check.severity, check.op, check.implied, check.indicator) == ("error", "<=", True, "2.1-p")
    assert (check.since, check.until, check.line) == (2022, None, real.indicator["2.1-p"].line)
    assert (check.left_names, check.right_names) == (("professionals_9_11",), ("pupils_9_11",))
    assert check.right == ("pupils_9", "pupils_10", "pupils_11")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "E-2.1-p",
            "В строке «Конкурсанты чемпионата „Профессионалы“ (юниоры), 9–11 классы» должно быть не больше, чем "
            "обучающихся 9–11 классов",
        ),
        ("E-4.8", "В строке «Лекции» должно быть не больше, чем всего обучающихся"),
        (
            "E-3.3",
            "В строках «Участники проекта „Билет в будущее“, 6–11 классы» вместе должно быть не больше, чем "
            "обучающихся 6–11 классов",
        ),
        (
            "E-3.6",
            "В строке «Из них с ОВЗ и (или) инвалидностью, 1–12 классы» должно быть не больше, чем всего обучающихся "
            "с ОВЗ и (или) инвалидностью",
        ),
        (
            "E-3.4-pre",
            "В строке «Из них охвачены ранней профориентацией» должно быть не больше, чем в строке "
            "«Воспитанники 5–7 лет»",
        ),
    ],
)
def test_an_implied_check_says_its_rule_in_words(real: Catalogue, code: str, message: str) -> None:
    assert real.check[code].message == message


def test_a_whole_that_is_named_with_the_word_all_does_not_repeat_it() -> None:
    text = changed(
        "grades: [9], unit: чел., name: Обучающихся", f"grades: {[*ALL_GRADES]}, unit: чел., name: Всего детей"
    )
    message = parse_catalogue(text.replace("denominator: [pupils]", "denominator: [pupils_9]")).check["E-1.1"].message
    assert message == "В строке «Прошли тестирование» должно быть не больше, чем всего детей"


def test_a_warning_does_not_stand_in_for_an_implied_error() -> None:
    warned = changed("left: [games]", "left: [tested]")
    assert "E-1.1" in parse_catalogue(warned).check
    assert "E-1.1" not in parse_catalogue(warned.replace("W1, severity: warning", "W1, severity: error")).check


def test_a_check_of_other_years_does_not_stand_in_for_an_implied_error() -> None:
    short = changed("W1, severity: warning, left: [games]", "W1, severity: error, since: 2022, left: [tested]")
    assert "E-1.1" in parse_catalogue(short).check
    both = short.replace('code: "1.1",', 'code: "1.1", since: 2023,')
    assert "E-1.1" not in parse_catalogue(both).check
    ended = both.replace("since: 2022, left", "until: 2025, left")
    assert "E-1.1" in parse_catalogue(ended).check
    assert "E-1.1" not in parse_catalogue(ended.replace("since: 2023,", "until: 2025,")).check


def test_a_check_that_needs_another_form_does_not_stand_in_for_an_implied_error() -> None:
    row = "  - {code: W1, severity: warning"
    detour = '  - {code: E1, severity: error, left: [tested], op: "<=", right: [kids_all], message: м}\n'
    detour += '  - {code: E2, severity: error, left: [kids_all], op: "<=", right: [pupils], message: м}\n'
    assert "E-1.1" in parse_catalogue(changed(row, detour + row)).check


NAMES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3)
RELATIONS = st.lists(st.tuples(NAMES, st.sampled_from(["<=", "="]), NAMES), max_size=4)


@settings(deadline=None, max_examples=400)
@given(relations=RELATIONS, left=NAMES, right=NAMES)
def test_what_is_entailed_holds_for_all_small_numbers(
    relations: list[tuple[list[str], str, list[str]]], left: list[str], right: list[str]
) -> None:
    if not entails(relations, left, right):
        return
    for numbers in product(range(4), repeat=4):
        value = dict(zip("abcd", numbers, strict=True))
        sums = [(sum(value[n] for n in a), op, sum(value[n] for n in b)) for a, op, b in relations]
        if all(a <= b if op == "<=" else a == b for a, op, b in sums):
            assert sum(value[n] for n in left) <= sum(value[n] for n in right)


def test_entailment_follows_a_chain_and_stops_at_its_gap() -> None:
    chain = [(["a"], "<=", ["b"]), (["b", "x"], "=", ["c"]), (["c"], "<=", ["d", "e"])]
    assert entails(chain, ["a"], ["d", "e"])
    assert entails(chain, ["a", "x"], ["e", "d"])
    assert not entails(chain, ["a", "a"], ["d", "e"])
    assert not entails(chain[:1] + chain[2:], ["a"], ["d", "e"])
    assert not entails(chain, ["a"], ["d"])


def test_entailment_gives_up_on_a_sum_that_only_grows() -> None:
    assert not entails([(["a"], "<=", ["a", "b"]), (["b"], "<=", ["a", "b"])], ["a"], ["z"])


def test_the_narrowest_whole_is_first(real: Catalogue) -> None:
    codes = ["W901", "E-3.5-demand", "E-3.3", "E601", "E402", "E103"]
    ordered = sorted((real.check[code] for code in codes), key=lambda check: narrowness(check, real))
    assert [check.code for check in ordered] == ["E103", "E402", "E-3.3", "E601", "E-3.5-demand", "W901"]


# --- refusals --------------------------------------------------------------------------------------------------------

TESTED = "code: tested, section: pupils, grades: [9, 10], unit: чел., once: true,"

REFUSALS = [
    ("numerator: [tested]", "numerator: [pupils_99]", 20, "элемент «pupils_99» не описан в разделе elements."),
    ("left: [games]", "left: [pupils_99]", 25, "элемент «pupils_99» не описан в разделе elements."),
    ("pupils: [pupils_9,", "pupils: [pupils_99,", 15, "элемент «pupils_99» не описан в разделе elements."),
    ("form: kids, title", "form: cats, title", 6, "форма «cats» не описана в разделе forms."),
    ("code: games, section: pupils", "code: games, section: cats", 11, "раздел «cats» не описан в разделе sections."),
    ("succeeds: games", "succeeds: cats", 12, "элемент «cats» не описан в разделе elements."),
    ('"1.1", group: support', '"1.1", group: cats', 20, "группа «cats» не описана в разделе groups."),
    ('"1.1",', '"1.1", succeeds: "9.9",', 20, "показатель «9.9» не описан в разделе indicators."),
    ("code: pupils_10,", "code: pupils_9,", 9, "код «pupils_9» уже занят в строке 8."),
    ("pupils: [pupils_9, pupils_10]", "tested: [pupils_9, pupils_10]", 15, "код «tested» уже занят в строке 10."),
    ("people: [pupils, kids_all]", "pupils: [kids_all]", 16, "ключ «pupils» повторён."),
    ('"1.2"', '"1.1"', 21, "код «1.1» уже занят в строке 20."),
    ("code: W2", "code: W1", 27, "код «W1» уже занят в строке 25."),
    ("code: W1", "code: E-1.1", 25, "код проверки «E-1.1» начинается с «E-»"),
    ("once: true", "once: true, once: true", 10, "ключ «once» повторён."),
    ("once: true", "twice: true", 10, "неизвестный ключ «twice» в записи раздела elements."),
    ("once: true", "once: 1", 10, "значение «once» должно быть true или false."),
    (", name: Прошли тестирование", "", 10, "в записи раздела elements нет ключа «name»."),
    ("name: Прошли тестирование", "name: ''", 10, "значение «name» должно быть непустым текстом"),
    ("name: Прошли тестирование", 'name: "a\\0"', 10, "значение «name» должно быть непустым текстом"),
    ("name: Прошли тестирование", f"name: {'я' * 301}", 10, "значение «name» должно быть непустым текстом"),
    ("name: Прошли тестирование", "name: [Прошли]", 10, "значение «name» должно быть непустым текстом"),
    ('"1.2"', "1.2", 21, "значение «code» должно быть непустым текстом в одну строку"),
    ("code: tested", f"code: {'t' * 39}", 10, "код «ttt"),
    ("code: tested", "code: проба", 10, "код «проба» не подходит"),
    ("grades: [9, 10]", "grades: [9, 13]", 10, "в списке «grades» ожидается класс от 1 до 12."),
    ("grades: [9, 10]", "grades: [9, '10']", 10, "в списке «grades» ожидается класс от 1 до 12."),
    ("grades: [9, 10]", "grades: [9, 9]", 10, "в списке «grades» значение 9 повторено."),
    ("grades: [9, 10]", "grades: 9", 10, "значение «grades» должно быть непустым списком"),
    ("kinds: [preschool]", "kinds: [zoo]", 3, "в списке «kinds» ожидается вид организации"),
    ("since: 2022", "since: давно", 12, "значение «since» должно быть целым числом от 1990 до 2100."),
    ("since: 2022", "since: 2022, until: 2021", 12, "начало сбора (since: 2022) позже окончания (until: 2021)."),
    ("since: 2022", "since: 2021", 12, "годы сбора элемента «quests» и прежнего «games» пересекаются."),
    ("until: 2021, ", "", 12, "годы сбора элемента «quests» и прежнего «games» пересекаются."),
    ("until: 2021", "until: 2021, succeeds: quests", 11, "ключи succeeds замкнуты в круг:"),
    ("until: 2021", "until: 2021, succeeds: games", 11, "ключи succeeds замкнуты в круг: games → games."),
    ("people: [pupils,", "people: [people,", 16, "совокупности ссылаются по кругу: people → people."),
    ("pupils: [pupils_9, pupils_10]", "pupils: [people]", 15, "совокупности ссылаются по кругу:"),
    ("people: [pupils,", "people: [pupils_9, pupils,", 16, "элемент «pupils_9» входит в сумму дважды."),
    (", denominator: [pupils]", "", 20, "у показателя «1.1» нет знаменателя."),
    ("numerator: [games]", "numerator: [games], denominator: [tested]", 21, "у показателя вида count знаменателя не"),
    ("kind: count", "kind: mean", 21, "значение «mean» ключа «kind» не подходит. Допустимы: share, count, org_share."),
    ("better: none", "better: left", 21, "значение «left» ключа «better» не подходит."),
    ("W1, severity: warning", "W1, severity: fatal", 25, "значение «fatal» ключа «severity» не подходит."),
    ('op: "<="', 'op: "<>"', 25, "значение «<>» ключа «op» не подходит."),
    ("percent: 30", "percent: 30.5", 27, "значение «percent» должно быть целым числом"),
    ("percent: 80, ", "", 29, "у контроля вида round ключ percent нужен."),
    ("rule: round", "rule: zero_flip", 29, "у контроля вида zero_flip ключ percent не бывает."),
    ("rule: round", "rule: square", 29, "значение «square» ключа «rule» не подходит."),
    ("W3, severity: warning", "W3, severity: error", 29, "значение «error» ключа «severity» не подходит."),
    ("not_collected:", "not_wanted:", 22, "неизвестный раздел «not_wanted»."),
    ("groups:\n", "groups: {}\nextra_groups:\n", 17, "раздел groups должен быть списком записей."),
    ("  - {code: support, title: Сопровождение}", "  - support", 18, "groups: ожидается запись из пар"),
    ("unit: чел., until: 2021", "unit: чел.: until: 2021", 11, "запись не читается как YAML."),
    ("[games]}", '[games], name: "\\UFFFFFFFF"}', 21, "запись не читается как YAML."),
    ("name: Игры", "name: Иг\x07ры", 11, "недопустимый символ."),
    ("grades: [9, 10]", "grades: &g [9, 10]\n    , kinds: *g", 11, "ссылки YAML (*имя) в каталоге не допускаются."),
    ("grades: [9, 10]", "grades: [[[[[[[[[[9]]]]]]]]]]", 10, "вложенность слишком глубокая."),
]


@pytest.mark.parametrize(("old", "new", "line", "sentence"), REFUSALS, ids=[f"{r[2]}-{r[1][:30]}" for r in REFUSALS])
def test_a_bad_row_is_refused_with_its_line_and_a_sentence(old: str, new: str, line: int, sentence: str) -> None:
    errors = errors_of(changed(old, new))
    found = [
        error for error in errors if error.line == line and error.sentence.startswith(f"строка {line}: {sentence}")
    ]
    assert found, errors
    assert all(error.sentence.endswith(".") for error in errors)


def test_all_errors_are_told_at_once_in_the_order_of_lines() -> None:
    text = changed("W1, severity: warning", "W1, severity: fatal").replace("form: kids, title", "form: cats, title")
    text = text.replace("numerator: [tested]", "numerator: [pupils_99]")
    assert [error.line for error in errors_of(text)] == [6, 20, 25]
    assert errors_of(text)[1].sentence == "строка 20: элемент «pupils_99» не описан в разделе elements. Проверьте код."


def test_a_code_over_several_lines_is_named_at_its_own_line() -> None:
    assert errors_of(changed("numerator: [tested]", "numerator: [tested,\n    nobody]"))[0].line == 21


def test_a_missing_block_is_named() -> None:
    text = BASE[: BASE.index("not_collected:")]
    assert [error.sentence for error in errors_of(text)] == ["строка 1: в файле нет раздела checks. Добавьте его."]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert errors_of(text) == (CatalogueError(0, "Файл пустой. Выберите файл каталога."),)


def test_a_file_over_two_megabytes_is_refused_before_it_is_read() -> None:
    (error,) = errors_of("#" * 2_000_001)
    assert error.sentence.startswith("Файл больше 2\u00a0МБ.")


def test_a_hundred_thousand_brackets_are_refused_and_do_not_exhaust_the_stack() -> None:
    assert "вложенность" in errors_of("[" * 100_000)[0].sentence


@settings(deadline=None, max_examples=150)
@given(
    at=st.integers(0, len(BASE) - 1),
    length=st.integers(0, 12),
    put=st.text(alphabet='abя09[]{},:-"#&*!|>%@`~?\n \\', max_size=6),
)
def test_a_damaged_file_is_read_or_refused_with_a_sentence_and_never_breaks(at: int, length: int, put: str) -> None:
    errors: tuple[CatalogueError, ...] = ()
    try:
        parse_catalogue(BASE[:at] + put + BASE[at + length :])
    except CatalogueRefused as refusal:
        errors = refusal.errors or (CatalogueError(1, "a refusal without a reason"),)
    assert all(error.sentence.startswith(f"строка {error.line}: ") for error in errors)


# --- meaning and words -----------------------------------------------------------------------------------------------


def in_use(catalogue: Catalogue) -> dict[tuple[str, str], tuple[object, ...]]:
    elements = {("element", row.code): element_meaning(row) for row in catalogue.elements}
    return elements | {("indicator", row.code): indicator_meaning(row) for row in catalogue.indicators}


def test_wording_and_years_may_change_in_a_code_in_use() -> None:
    reworded = changed("name: Прошли тестирование", "hint: все, until: 2030, name: Прошли диагностику")
    reworded = reworded.replace("denominator: [pupils]", "denominator: [pupils_10, pupils_9]")
    assert meaning_changes(in_use(parse_catalogue(BASE)), parse_catalogue(reworded)) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        (TESTED, TESTED.replace("чел.", "ед."), 10, "единица"),
        (TESTED, TESTED.replace("[9, 10]", "[9]"), 10, "классы"),
        (TESTED, TESTED.replace("true", "false"), 10, "однократный учёт"),
        (TESTED, f"{TESTED} kinds: [lyceum],", 10, "виды организаций"),
        (TESTED, TESTED.replace("section: pupils", "section: kids"), 10, "форма, виды организаций"),
        ("numerator: [tested]", "numerator: [quests]", 20, "числитель"),
        ("denominator: [pupils]", "denominator: [pupils_9]", 20, "знаменатель"),
        ("kind: count", "kind: org_share", 21, "вид"),
    ],
)
def test_a_changed_meaning_of_a_code_in_use_is_named_with_its_line(old: str, new: str, line: int, what: str) -> None:
    (error,) = meaning_changes(in_use(parse_catalogue(BASE)), parse_catalogue(changed(old, new)))
    assert error.line == line
    assert error.sentence.startswith(f"строка {line}: у ")
    assert f"изменились свойства: {what}. " in error.sentence


def test_a_code_in_use_may_not_leave_the_file() -> None:
    gone = "\n".join(line for line in BASE.splitlines() if 'code: "1.2"' not in line)
    (error,) = meaning_changes(in_use(parse_catalogue(BASE)), parse_catalogue(gone))
    assert error.sentence.startswith("В файле нет показателя «1.2», по которому есть принятые данные.")


@pytest.mark.parametrize(
    ("grades", "label"),
    [
        ([9], "9 класс"),
        ([11, 9, 10], "9–11 классы"),
        ([9, 11], "9 и 11 классы"),
        ([5, 6, 7, 8, 9, 11], "5–9 и 11 классы"),
        ([1, 3, 5], "1, 3 и 5 классы"),
        ([10, 11], "10–11 классы"),
        ([], ""),
    ],
)
def test_grades_are_named_as_people_say_them(grades: list[int], label: str) -> None:
    assert grades_label(grades) == label
    assert grades_label(grades, ("года", "лет")) == label.replace("классы", "лет").replace("класс", "года")
