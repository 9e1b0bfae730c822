"""Sentences are computed: rise and fall only where noticeable, across no break, with fraction, people and coverage."""

from datetime import datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from monitoring.arithmetic import Measured
from monitoring.enums import FormState, IndicatorKind
from monitoring.queries.campaigns.board import Progress
from monitoring.queries.results import sentences
from tests.monitoring.histories import count, history, plain, share

NOW = datetime(2026, 6, 15, 12, tzinfo=ZoneInfo("Europe/Moscow"))


def progress(**states):
    campaign = SimpleNamespace(form=SimpleNamespace(title="Мониторинг"), closes_at=NOW + timedelta(days=5, hours=11))
    by_state = tuple((FormState(state), forms) for state, forms in states.items())
    sent = sum(forms for state, forms in by_state if state in {"sent", "under_review", "accepted", "reopened"})
    return Progress(campaign, sum(states.values()), by_state, sent, sent, 0, 0)


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (share(282, 419), "67,3 % (282 из 419)"),
        (share(0, 50), "0,0 % (0 из 50)"),
        (share(3, 7), "3 из 7"),
        (count(23), "23"),
        (count(0), "0"),
        (share(0, 0), "…"),
        (share(5, 10, used=0), "…"),
        (None, "…"),
        (share(0, 0, used=0, expected=0, outside=8), "х"),
    ],
)
def test_value_is_written_with_its_fraction_or_with_the_sign_of_what_is_missing(measured, words):
    assert plain(sentences.value_words(measured)) == words


def test_a_tile_shows_value_and_fraction_apart():
    assert plain(sentences.short_value(share(282, 419))) == "67,3 %"
    assert sentences.fraction_words(share(282, 419)) == "282 из 419"


def test_a_small_base_has_no_second_fraction():
    assert sentences.short_value(share(3, 7)) == "3 из 7"
    assert sentences.fraction_words(share(3, 7)) == ""


def test_coverage_names_those_to_whom_it_does_not_apply():
    assert sentences.coverage_words(share(1, 2, 17, 19, 8)) == "по данным 17 из 19 школ; не относится: 8 школ"
    assert sentences.coverage_words(share(1, 2)) == "по данным 19 из 19 школ"


def test_what_applies_to_nobody_has_no_coverage():
    assert sentences.coverage_words(share(0, 0, 0, 0, 8)) == ""
    assert sentences.coverage_words(None) == ""


# --- trends -----------------------------------------------------------------------------------------------------------


def test_a_noticeable_rise_is_told_in_points_and_people():
    told = sentences.trend_sentence(history((273, 419), (282, 419)))
    assert plain(told) == "Доля выросла на 2,1 п. п. (≈ 9 выпускников) к 2019/20 уч. году."


def test_a_noticeable_fall_is_a_fall():
    told = sentences.trend_sentence(history((300, 419), (282, 419)))
    assert plain(told) == "Доля снизилась на 4,3 п. п. (≈ 18 выпускников) к 2019/20 уч. году."


def test_less_than_a_point_is_no_rise():
    told = sentences.trend_sentence(history((280, 419), (282, 419)))
    assert plain(told) == "Доля почти не изменилась к 2019/20 уч. году: +0,5 п. п. (≈ 2 выпускника)."


def test_one_person_is_no_trend_even_if_it_is_many_points():
    assert "почти не изменилась" in sentences.trend_sentence(history((4, 20), (5, 20)))
    assert "выросла" in sentences.trend_sentence(history((4, 20), (6, 20)))


def test_no_change_at_all_is_told_without_numbers():
    told = sentences.trend_sentence(history((282, 419), (282, 419)))
    assert plain(told) == "Доля не изменилась к 2019/20 уч. году."


def test_a_base_under_ten_is_not_compared():
    told = sentences.trend_sentence(history((3, 7), (30, 40)))
    assert told == "Изменение не показано: в основе показателя меньше 10 человек."


def test_a_year_from_less_than_half_of_the_schools_is_not_compared():
    early = history((300, 600, 18, 18), (20, 60, 2, 18))
    assert early.difference is None
    told = plain(sentences.trend_sentence(early))
    assert told == "Изменение не показано: за 2020/21 уч. год показатель посчитан по данным 2 из 18 школ."
    assert "Годы не сравниваются" in sentences.three_years_sentence(early)


def test_a_sum_is_compared_only_with_a_sum_over_all_schools():
    partial = Measured(IndicatorKind.COUNT, 20, 0, 18, 19)
    assert history(25, partial).difference is None
    assert history(25, 20).difference == -5


def test_a_changed_definition_gets_no_difference():
    broken = history((100, 400), (300, 400), codes=["3.1", "3.1-p"])
    assert broken.difference is None
    assert sentences.difference_words(broken) == "показатель изменён"
    assert plain(sentences.trend_sentence(broken)).startswith("С 2020/2021 учебного года показатель изменён")


def test_a_missing_year_is_named():
    assert plain(sentences.trend_sentence(history(None, (1, 20)))).startswith("Данных за 2019/20 уч. год нет, поэтому")
    assert plain(sentences.trend_sentence(history((1, 20), None))) == "Данных за 2020/21 уч. год нет."


def test_a_count_grows_in_its_own_number():
    told = sentences.trend_sentence(history(20, 25, name="Количество рабочих мест"))
    assert plain(told) == "Количество выросло на 5 к 2019/20 уч. году."


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("Доля родителей выпускников, получивших помощь", "родителей"),
        ("Доля обучающихся 9–11 классов", "обучающихся"),
        ("Доля ответственных за профориентацию", "человек"),
        ("Доля воспитанников 5–7 лет", "воспитанников"),
    ],
)
def test_people_are_those_whom_the_indicator_speaks_of(name, noun):
    assert plain(sentences.people_words(history((10, 100), (20, 100), name=name))) == f"≈ 10 {noun}"


def test_gender_follows_the_first_word():
    told = sentences.trend_sentence(history((10, 100), (20, 100), name="Охват обучающихся лекциями"))
    assert told.startswith("Охват вырос на")


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (((10, 100), (20, 100), (30, 100)), "Доля росла: "),
        (((30, 100), (20, 100), (10, 100)), "Доля снижалась: "),
        (((30, 100), (30, 100), (30, 100)), "Доля почти не менялась: "),
        (((10, 100), (30, 100), (20, 100)), "Доля сначала выросла, затем снизилась: "),
    ],
)
def test_the_pattern_of_three_years_is_stated(values, pattern):
    assert sentences.three_years_sentence(history(*values)).startswith(pattern)


def test_three_years_carry_every_value_with_its_fraction():
    told = plain(sentences.three_years_sentence(history((81, 514), (303, 503), (310, 499))))
    assert told.endswith(
        "15,8 % (81 из 514) в 2019/20, 60,2 % (303 из 503) в 2020/21, 62,1 % (310 из 499) в 2021/22 уч. году."
    )


def test_years_before_a_break_are_left_out_of_the_pattern():
    told = sentences.three_years_sentence(history((10, 100), (20, 100), (30, 100), codes=["a", "b", "b"]))
    assert "2019/20" not in told
    assert told.startswith("Доля выросла: ")


def test_a_gap_is_not_bridged():
    told = plain(sentences.three_years_sentence(history((10, 100), None, (30, 100))))
    assert told == "Данные есть не за все годы: 10,0 % (10 из 100) в 2019/20, 30,0 % (30 из 100) в 2021/22 уч. году."


def test_nothing_known_is_said():
    assert sentences.three_years_sentence(history(None, None)) == "Данных за эти годы нет."


# --- conclusions ------------------------------------------------------------------------------------------------------


def test_the_verdict_follows_the_better_way():
    assert sentences.conclusion(history((10, 100), (20, 100))) == "Динамика положительная."
    assert sentences.conclusion(history((10, 100), (20, 100), better="down")) == "Динамика отрицательная."


def test_a_path_that_is_not_judged_gets_no_verdict():
    told = sentences.conclusion(history((10, 100), (20, 100), better="none"))
    assert "положительная" not in told
    assert "отрицательная" not in told


def test_a_target_says_how_many_people_are_missing():
    missed = history((50, 100), (55, 100), target=Fraction(60, 100))
    assert plain(sentences.target_words(missed)) == "целевое значение 60 % не достигнуто, не хватает 5 выпускников"
    reached = history((50, 100), (60, 100), target=Fraction(60, 100))
    assert plain(sentences.target_words(reached)) == "целевое значение 60 % достигнуто"


def test_missing_people_are_counted_up_so_that_the_target_is_reached():
    missed = history((50, 101), (50, 101), target=Fraction(1, 2))
    assert plain(sentences.target_words(missed)).endswith("не хватает 1 выпускника")
    assert Fraction(50 + missed.missing_to_target, 101) >= Fraction(1, 2)


def test_where_less_is_better_the_target_is_exceeded():
    over = history((5, 100), (8, 100), better="down", target=Fraction(5, 100))
    assert plain(sentences.target_words(over)) == "целевое значение 5 % превышено на 3 выпускников"


def test_incomplete_data_are_named_in_the_conclusion():
    told = sentences.conclusion(history((10, 100), (20, 100, 17, 19)))
    assert told.endswith("Данные неполные: по данным 17 из 19 школ.")


@pytest.mark.parametrize(
    ("values", "title"),
    [
        (((81, 514), (310, 499)), "Доля выросла до 62,1 %"),
        (((310, 499), (310, 499)), "Доля не изменилась: 62,1 %"),
        (((309, 499), (310, 499)), "Доля почти не изменилась: 62,1 %"),
        ((None, (310, 499)), "Доля в 2020/2021 учебном году – 62,1 %"),
        (((310, 499), None), "В 2019/2020 учебном году – 62,1 %, за 2020/21 данных нет"),
        ((None, None), "Данных за эти годы нет"),
    ],
)
def test_the_title_of_a_figure_is_its_message(values, title):
    assert plain(sentences.message(history(*values))) == title


# --- the collection ---------------------------------------------------------------------------------------------------


def test_the_line_of_the_collection_says_who_is_where_and_how_long():
    told = plain(sentences.progress_words(progress(accepted=25, under_review=6, returned=3, not_started=4), NOW))
    assert told == (
        "Сдали 31 из 38 · на проверке 6 · приняты 25 · возвращены 3 · не начали 4 · "
        "осталось 5 дней (до 20.06.2026, 23:00)"
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=3), "последний день"),
        (timedelta(days=1), "остался 1 день"),
        (timedelta(days=2), "осталось 2 дня"),
        (timedelta(days=-1), "срок прошёл 14.06.2026"),
    ],
)
def test_the_deadline_is_counted_in_days(left, words):
    assert plain(sentences.deadline_words(NOW + left, NOW)).startswith(words)
