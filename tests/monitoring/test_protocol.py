"""The protocol of what was really published names every discrepancy that is known of it, with both numbers."""

from pathlib import Path

import pytest
import yaml

from monitoring.actions.published import write_published
from monitoring.detectors import Finding
from monitoring.finding_tables import summary
from monitoring.published_files import read_printed, rows_of_file
from monitoring.queries.published.published import Protocol, indicator_codes, protocol, published_points
from portal.models import Municipality
from tests.factories import MunicipalityFactory

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
FIGURES = yaml.safe_load((DEMO / "published-figures.yaml").read_text(encoding="utf-8"))
YEARS = {"2019/2020": 2019, "2020/2021": 2020, "2021/2022": 2021}

# The beginning of each note → the code that names it, and the words with its numbers.
NAMED = {
    "46/80 = 57.5 %": ("W-04", ["46 из 80 – это 57,5 %", "округления 58 %", "напечатано 57 %"]),
    "for 2020/2021 another table": ("E-03", ["417 и 505", "5,3 % (27 из 505)"]),
    "4/105 = 3.8 %": ("W-04", ["4 из 105", "округления 3,8 %", "напечатано 4,2 %"]),
    "75/185 = 40.54 %": ("W-04", ["75 из 185 – это 40,54 %", "округления 41 %"]),
    'the "pupils of grades 9-11"': (
        "E-01",
        [
            "указано 499, а должно быть не меньше 604",
            "выпускники 9 классов – 419, обучающиеся 10–11 классов – 185",
            "Ровно столько было выпускников: выпускники 9 классов – 419, выпускники 11 классов – 80",
        ],
    ),
    "the same six numbers": ("W-01", ["81 из 493", "303 из 505", "310 из 499"]),
    "3135 of 21775": ("W-04", ["3135 из 21 775 – это 14,4 %", "Такой процент получается от 3135"]),
}
# The second half of the note about the copied table.
GRADUATES = ["указано 493, по частям 514", "указано 505, по частям 503", "15,8 % (81 из 514)", "60,2 %", "62,1 %"]
ELSEWHERE = {"the decisions are numbered"}  # about minutes of a meeting, in which no table stands


def published(slug: str) -> Municipality:
    town = MunicipalityFactory(slug=slug)
    read = read_printed(rows_of_file((DEMO / f"published-{slug}.csv").read_bytes()), indicator_codes())
    assert not read.problems
    write_published(municipality=town, tables=read.tables, by=None)
    return town


@pytest.fixture
def kemerovo() -> Municipality:
    return published("kemerovo")


@pytest.fixture
def prokopyevsk() -> Municipality:
    return published("prokopyevsk")


def told(finding: Finding) -> str:
    return " ".join((finding.title, *finding.lines)).replace("\u00a0", " ")


def notes(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["note"]] if "note" in node else []
        return own + [note for value in node.values() for note in notes(value)]
    return [note for value in node for note in notes(value)] if isinstance(node, list) else []


def names(found: Protocol, code: str, words: list[str]) -> bool:
    return any(one.code == code and all(word in told(one) for word in words) for one in found.findings)


def test_every_note_about_the_published_tables_is_named(kemerovo, prokopyevsk):
    protocols = [protocol(kemerovo), protocol(prokopyevsk)]
    for note in notes(FIGURES):
        if note.startswith(tuple(ELSEWHERE)):
            continue
        [(code, words)] = [expected for beginning, expected in NAMED.items() if note.startswith(beginning)]
        assert any(names(found, code, words) for found in protocols), note
    assert names(protocols[0], "E-02", GRADUATES)


def test_the_counts_of_services_are_seen_to_come_from_percentages(prokopyevsk):
    [found] = [one for one in protocol(prokopyevsk).findings if one.code == "W-02"]
    for number in ("10 887", "16 984", "12 411", "15 024"):
        assert f"записано {number}" in told(found)


def test_the_jumps_are_told(kemerovo):
    found = protocol(kemerovo)
    assert names(found, "W-03", ["16,4 % (81 из 493)", "60,0 % (303 из 505)"])
    assert names(found, "W-03", ["105", "26", "−75,2 %"])


def test_what_agrees_is_not_accused(kemerovo):
    found = protocol(kemerovo)
    sound = {table.title for table in found.tables if not found.findings_of(table)}
    assert sound == {
        "Выпускники 9 классов, поступившие в ПОО",
        "Выпускники 11 классов, поступившие в ПОО",
        "Охват проектом «Билет в будущее», 5–9 классы",
        "Учебные рабочие места для профессиональных проб и практик (количество)",
        "Общеобразовательные организации, взаимодействующие по профориентации",
    }


def test_disputed_values_stay_with_their_reason_and_the_others_may_stand_in_a_trend(kemerovo):
    assert [point.disputed for point in published_points(kemerovo, "4.1")] == [True, True, True]
    assert "W-01" in published_points(kemerovo, "4.1")[0].why
    # Wrongly rounded percentages do not harm their numbers.
    assert [(point.count, point.total, point.disputed) for point in published_points(kemerovo, "1.4")] == [
        (48, 94, False),
        (44, 77, False),
        (46, 80, False),
    ]
    assert published_points(kemerovo, "4.2") == ()


def test_the_message_counts_what_was_found(kemerovo):
    found = protocol(kemerovo)
    words = summary(found).replace("\u00a0", " ")
    assert f"Проверено: 11 таблиц, 33 значения. Найдено: {len(found.findings)} расхождений." in words
    assert f"Спорных значений – {found.disputed}" in words


def test_the_files_of_the_demonstration_hold_what_was_printed(kemerovo, prokopyevsk):
    def plain(title: str) -> str:
        return title.replace("–", "-")

    rows = {(plain(one.table.title), one.row.year): one.row for one in protocol(kemerovo).rows}
    source = FIGURES["kemerovo_municipal_district"]
    for table in source["tables"]:
        for place, year in enumerate(source["years"]):
            row = rows.pop((plain(table["title"]), YEARS[year]))
            assert row.count == table["count"][place]
            assert row.total == (table["total"][place] if "total" in table else None)
            assert row.declared == (str(table["declared"][place]) if "declared" in table else "")
    assert not rows
    services = {one.table.title: one.row for one in protocol(prokopyevsk).rows}
    for service in FIGURES["prokopyevsk_city_district"]["services"]:
        row = services.pop(service["name"])
        assert (row.count, row.total, row.declared) == (service["count"], 21775, str(service["declared"]))
    assert not services
