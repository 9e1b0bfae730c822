"""What asks for attention: at most seven lines by rule, the worst indicator, the late schools, better or worse than last year."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.utils import timezone

from monitoring.queries.results.attention import Unaccepted, attention, lateness, standing, unaccepted, worst_of
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, campaign, sent, submission
from tests.monitoring.histories import history, overview, plain

NOTHING = Unaccepted()


def test_attention_begins_with_what_is_farthest_from_its_target():
    near = history((50, 100), (55, 100), target=Fraction(60, 100), code="4.1")
    far = history((10, 100), (11, 100), target=Fraction(60, 100), code="4.2")
    lines = attention(overview(near, far), NOTHING)
    assert [line.url_args for line in lines] == [("4.2",), ("4.1",)]


def test_a_line_of_attention_carries_the_numbers_and_a_page():
    [line] = attention(overview(history((50, 100), (20, 100), name="Доля выпускников", code="1.2")), NOTHING)
    assert plain(line.text).startswith("1.2 Доля выпускников: 20,0 %. Доля снизилась на 30,0 п. п. (≈ 30 выпускников)")
    assert (line.url_name, line.url_args) == ("monitoring:indicator", ("1.2",))


def test_attention_has_at_most_seven_lines():
    many = [history((50, 100), (20, 100, 1, 2), target=Fraction(60, 100), code=f"1.{n}") for n in range(20)]
    waiting = Unaccepted(tuple(f"Школа № {n}" for n in range(9)), (("Мониторинг", 3, 3),))
    assert len(attention(overview(*many), waiting)) <= 7


def test_schools_without_accepted_data_are_named_in_one_line():
    [line] = attention(overview(), Unaccepted(tuple(f"Школа № {n}" for n in range(2, 6)), (("Мониторинг", 4, 5),)))
    assert plain(line.text) == "Нет принятых данных: 4 школы (Школа № 2, Школа № 3, Школа № 4 и ещё 1)."
    assert line.url_name == "monitoring:collection"


def test_forms_not_accepted_are_told_where_every_school_has_something_accepted():
    [line] = attention(overview(), Unaccepted((), (("Мониторинг", 4, 19),)))
    assert plain(line.text) == "Не приняты формы «Мониторинг»: 4 из 19."


def test_a_target_missed_by_a_handful_of_schools_asks_for_no_attention_yet():
    early = history((50, 100), (2, 10, 1, 18), target=Fraction(60, 100))
    [line] = attention(overview(early), NOTHING)
    assert line.text.startswith("Неполные данные")


def test_a_jump_of_the_municipal_value_is_told_even_when_it_is_good_news():
    [line] = attention(overview(history((81, 514), (310, 499), code="004")), NOTHING)
    assert plain(line.text).startswith("Резкое изменение: 004 Доля выпускников 9 классов: 62,1 %. Доля выросла на 46,4")
    assert "(W902)" in line.text
    assert (line.url_name, line.url_args) == ("monitoring:indicator", ("004",))


@pytest.mark.parametrize(
    ("values", "codes", "fires"),
    [
        (((10, 100), (20, 100)), None, True),
        (((100, 1000), (199, 1000)), None, False),  # 9,9 points
        (((100, 1000), (200, 1000)), None, True),
        (((4, 90), (13, 90)), None, False),  # 10,0 points, but 9 people
        (((4, 100), (14, 100)), None, True),
        (((20, 100), (10, 100)), None, True),
        (((10, 100), (40, 100)), ["1.0", "1.1"], False),  # the definition changed between the two
        (((10, 100), None), None, False),
        ((40, 90), None, False),  # a count has no points
    ],
)
def test_a_jump_takes_ten_points_and_ten_people(values, codes, fires):
    told = attention(overview(history(*values, codes=codes, better="none")), NOTHING)
    assert any("W902" in line.text for line in told) is fires


def test_several_jumps_are_one_line_led_by_the_greatest():
    jumps = [history((10, 100), (20 + n, 100), code=f"1.{n}") for n in range(3)]
    [line] = attention(overview(*jumps), NOTHING)
    assert line.url_args == ("1.2",)
    assert line.text.endswith(" Других резких изменений: 2.")


def test_a_jump_that_is_told_as_a_fall_is_not_told_twice():
    [line] = attention(overview(history((50, 100), (20, 100))), NOTHING)
    assert "W902" not in line.text


def test_good_news_ask_for_no_attention():
    good = history((10, 100), (19, 100), target=Fraction(15, 100))
    assert attention(overview(good), NOTHING) == ()


# --- the three answers ------------------------------------------------------------------------------------------------


def test_the_year_stands_by_what_is_noticeable_judged_and_comparable():
    told = standing(
        overview(
            history((10, 100), (30, 100)),
            history((10, 100), (30, 100), better="down"),
            history((30, 100), (10, 100), better="down"),
            history((30, 100), (30, 100)),
            history((30, 100), (90, 100), better="none"),
            history(None, (90, 100)),
        )
    )
    assert (told.better, told.worse, told.same, told.unknown) == (2, 1, 1, 2)
    assert told.verdict == "В целом лучше прошлого года"
    assert plain(told.words).startswith(
        "Лучше по 2 показателям, хуже по 1, без заметных изменений – 1; не сравниваются"
    )


def test_a_first_year_is_not_called_better_or_worse():
    told = standing(overview(history(None, (90, 100))))
    assert told.verdict == "Сравнить с прошлым годом нельзя"
    assert plain(told.words).startswith("Ни один показатель не сравнивается с ")


def test_the_worst_is_farthest_from_its_target_and_without_targets_lost_most():
    fell = history((90, 100), (10, 100), code="1.2")
    missed = history((50, 100), (55, 100), target=Fraction(60, 100), code="4.1")
    assert worst_of(overview(fell, missed)) is missed
    assert worst_of(overview(fell)) is fell
    assert worst_of(overview(history((10, 100), (11, 100)))) is None


@pytest.mark.django_db
def test_late_schools_are_named_with_their_days_the_longest_first():
    now, town = timezone.now(), MunicipalityFactory()
    on_time, late, later = (SchoolFactory(municipality=town, name=name) for name in ("Альфа", "Бета", "Гамма"))
    campaign(town, opens_at=now - timedelta(days=20), closes_at=now + timedelta(days=5))
    sent(submission(on_time))
    for school, days in ((late, 2), (later, 3)):
        form = submission(school)
        form.campaign.closes_at = now - timedelta(days=9)
        form.due_at = now - timedelta(days=days)
        form.save()
    town.campaign_set.update(closes_at=now - timedelta(days=9))
    told = lateness(town, now)
    assert [(one.name, one.days) for one in told.overdue] == [("Гамма", 3), ("Бета", 2)]
    assert (told.verdict, told.total) == ("Опаздывают 2 школы", 3)
    assert told.names == "Гамма (3 дня), Бета (2 дня)."


@pytest.mark.django_db
def test_before_the_deadline_nobody_is_late_and_those_awaited_are_named():
    now, town = timezone.now(), MunicipalityFactory()
    for name in ("Альфа", "Бета"):
        SchoolFactory(municipality=town, name=name)
    assert lateness(town, now) is None
    campaign(town)
    told = lateness(town, now)
    assert (told.verdict, told.names) == ("Не сдали 2 из 2", "Альфа, Бета.")
    assert "остал" in told.words(now).casefold()
    for school in town.schools.all():
        sent(submission(school))
    assert lateness(town, now).verdict == "Все формы сданы"


@pytest.mark.django_db
def test_schools_without_an_accepted_form_are_those_of_the_frozen_list():
    town = MunicipalityFactory()
    done, waiting = (SchoolFactory(municipality=town, name=name) for name in ("Альфа", "Бета"))
    campaign(town)
    SchoolFactory(municipality=town, name="Открыта после запуска")
    first = accepted(submission(done))
    assert unaccepted(town, 2021) == Unaccepted(("Бета",), ((first.submission.form.title, 1, 2),))
    accepted(submission(waiting))
    assert unaccepted(town, 2021) == Unaccepted()
