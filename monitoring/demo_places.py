"""What is made up about the two municipalities of the demonstration, before any figure is made?

Names, sizes of schools, pupils by grade, rates of every element, where a school lags or falls, what it has no data for
and the words of its explanations. The published totals are not here: they are read from their own file.
"""

from dataclasses import dataclass, field, replace
from typing import Any

FIRST_YEAR = 2019  # rates and tendencies are given for this school year and the three after it
GRADES = {"primary": range(1, 5), "basic": range(1, 10), "secondary": range(1, 12)}


@dataclass(frozen=True)
class School:
    """A made-up school; `size` is the relative size of one grade."""

    code: str
    name: str
    kind: str
    locality: str
    size: int

    @property
    def grades(self) -> range:
        """The grades that it teaches."""
        return GRADES[self.kind]


@dataclass(frozen=True)
class Recipe:
    """How an element is made: `rates` of 2019–2022 in thousandths of the sum of `base` (an empty base is 1 a school).

    Without `cap` a school is limited by its base; `rest` takes what an equality of the catalogue leaves.
    """

    element: str
    base: tuple[str, ...]
    rates: tuple[int, int, int, int]
    theme: str
    floor: int = 0
    cap: int | None = None
    rest: bool = False


@dataclass(frozen=True)
class Place:
    """A municipality of the demonstration with everything that its figures are made from.

    `pupils`: pupils of each grade 1–11 by year, None where a published total leaves one possible number.
    `feeders`: a primary school → the school whose grade 5 its leavers enter.
    `totals`: by year, the published sum of the elements named together; the last of them takes the remainder.
    `tendencies`: (school, theme) → its weight in per cent in 2019–2022. `no_data`: (year, school, element) → reason.
    """

    municipality: dict[str, Any]
    schools: tuple[School, ...]
    pupils: dict[int, tuple[int | None, ...]]
    made_up: str
    feeders: dict[str, str] = field(default_factory=dict)
    totals: dict[int, dict[tuple[str, ...], int]] = field(default_factory=dict)
    tendencies: dict[tuple[str, str], tuple[int, int, int, int]] = field(default_factory=dict)
    no_data: dict[tuple[int, str, str], str] = field(default_factory=dict)

    def with_totals(self, totals: dict[int, dict[tuple[str, ...], int]]) -> "Place":
        """The same place held to published totals."""
        return replace(self, totals=totals)


def _pupils(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"pupils_{grade}" for grade in range(first, last + 1))


ALL, MIDDLE, SENIOR = _pupils(1, 11), _pupils(6, 11), _pupils(10, 11)
DISABLED = ("disabled_1_4", "disabled_5_9", "disabled_10_12")
TICKETS = ("ticket_5", "ticket_6_9", "ticket_10_11")
ADMITTED_11 = ("grad11_higher", "grad11_vocational")

# How far schools differ by themselves in a theme, ± per cent; 30 where nothing is said.
SPREAD = {"everyday": 10, "grades": 0, "destinations": 12, "school": 60, "conditions": 70}

# A base stands before what is counted out of it, so that its number is known when the cap is.
RECIPES = (
    Recipe("disabled_1_4", _pupils(1, 4), (24, 18, 19, 20), "disabled"),
    Recipe("disabled_5_9", _pupils(5, 9), (48, 13, 12, 13), "disabled"),
    Recipe("disabled_10_12", SENIOR, (15, 12, 16, 15), "disabled"),
    Recipe("grad9_total", ("pupils_9",), (1000, 1000, 1000, 1000), "grades"),
    Recipe("grad9_vocational", ("grad9_total",), (674, 711, 673, 680), "destinations"),
    Recipe("grad9_work", ("grad9_total",), (10, 8, 12, 10), "school"),
    Recipe("grad9_undecided", ("grad9_total",), (14, 12, 14, 10), "school"),
    Recipe("grad9_other", ("grad9_total",), (19, 16, 17, 15), "destinations"),
    Recipe("grad9_unknown", ("grad9_total",), (17, 12, 14, 8), "school"),
    Recipe("grad9_grade10", ("grad9_total",), (0, 0, 0, 0), "destinations", rest=True),
    Recipe("grad9_vocational_profile", ("grad9_vocational",), (560, 590, 620, 640), "destinations"),
    Recipe("grad9_exam_profile", ("grad9_vocational_profile",), (700, 720, 750, 760), "destinations"),
    Recipe("grad9_local", ("grad9_vocational",), (180, 170, 190, 200), "destinations"),
    Recipe("grad11_total", ("pupils_11",), (975, 975, 980, 975), "grades"),
    Recipe("grad11_higher", ("grad11_total",), (511, 571, 575, 570), "destinations"),
    Recipe("grad11_vocational", ("grad11_total",), (415, 325, 388, 365), "destinations"),
    Recipe("grad11_work", ("grad11_total",), (21, 26, 13, 22), "school"),
    Recipe("grad11_army", ("grad11_total",), (21, 26, 13, 22), "destinations"),
    Recipe("grad11_undecided", ("grad11_total",), (11, 13, 0, 0), "school"),
    Recipe("grad11_unknown", ("grad11_total",), (11, 13, 0, 0), "school"),
    Recipe("grad11_other", ("grad11_total",), (0, 0, 0, 0), "destinations", rest=True),
    Recipe("grad11_profile", ADMITTED_11, (610, 630, 660, 670), "destinations"),
    Recipe("grad11_exam_profile", ("grad11_total",), (640, 660, 690, 700), "destinations"),
    Recipe("grad11_local", ADMITTED_11, (60, 70, 80, 80), "destinations"),
    Recipe("worldskills_9_11", _pupils(9, 11), (81, 45, 55, 0), "champ"),
    Recipe("worldskills_class", MIDDLE, (60, 46, 58, 0), "champ"),
    Recipe("professionals_6_8", _pupils(6, 8), (0, 0, 0, 18), "champ"),
    Recipe("professionals_9_11", _pupils(9, 11), (0, 0, 0, 62), "champ"),
    Recipe("professionals_class", MIDDLE, (0, 0, 0, 66), "champ"),
    Recipe("abilympics_5_9", ("disabled_5_9",), (38, 115, 160, 160), "champ"),
    Recipe("abilympics_10_11", ("disabled_10_12",), (0, 0, 330, 330), "champ"),
    Recipe("abilympics_class", _pupils(5, 11), (20, 14, 22, 26), "champ"),
    Recipe("contest_winners", ALL, (3, 2, 3, 4), "champ"),
    Recipe("ticket_5", ("pupils_5",), (120, 180, 190, 200), "ticket"),
    Recipe("ticket_6_9", _pupils(6, 9), (193, 290, 305, 320), "ticket"),
    Recipe("ticket_10_11", SENIOR, (164, 386, 405, 420), "ticket"),
    Recipe("ticket_trials", TICKETS, (250, 300, 340, 390), "ticket"),
    Recipe("open_lessons", ALL, (1900, 2250, 2500, 2700), "everyday", cap=5000),
    Recipe("early_1_4", _pupils(1, 4), (520, 560, 610, 640), "early"),
    Recipe("pre_profile_9", ("pupils_9",), (610, 640, 670, 690), "training"),
    Recipe("vocational_training", SENIOR, (110, 120, 150, 150), "training"),
    Recipe("tested_6_8", _pupils(6, 8), (260, 310, 340, 360), "diagnostics"),
    Recipe("tested_9_11", _pupils(9, 11), (132, 503, 513, 540), "diagnostics"),
    Recipe("service_inform", ALL, (780, 800, 830, 850), "everyday"),
    Recipe("service_consult", ALL, (260, 275, 300, 320), "diagnostics"),
    Recipe("service_games", ALL, (370, 345, 390, 420), "services"),
    Recipe("service_lecture", ALL, (350, 360, 390, 400), "services"),
    Recipe("service_talk", ALL, (540, 560, 590, 610), "everyday"),
    Recipe("service_fair", _pupils(8, 11), (420, 390, 440, 470), "services"),
    Recipe("routes", MIDDLE, (60, 70, 82, 94), "diagnostics"),
    Recipe("events_pupils", ALL, (400, 375, 415, 440), "events"),
    Recipe("events_demanded", ("events_pupils",), (350, 370, 400, 420), "everyday"),
    Recipe("events_disabled", DISABLED, (300, 330, 380, 400), "events"),
    Recipe("contest_pupils", ("events_pupils",), (390, 380, 400, 410), "everyday"),
    Recipe("events_with_colleges", SENIOR, (430, 400, 500, 530), "events"),
    Recipe("parents_informed", _pupils(5, 11), (430, 460, 510, 540), "parents"),
    Recipe("parents_helped", ("grad9_total", "grad11_total"), (158, 602, 621, 640), "parents"),
    Recipe("parents_meetings", (), (2000, 2100, 2260, 2300), "school", floor=1, cap=5),
    Recipe("workplaces", (), (737, 1105, 1211, 1300), "conditions", cap=4),
    Recipe("agreements", (), (1260, 1370, 1630, 1740), "conditions", cap=5),
    Recipe("partners", (), (2100, 1950, 2370, 2520), "conditions", floor=1, cap=6),
    Recipe("extra_education", ALL, (660, 680, 715, 735), "everyday"),
    Recipe("advanced_5_9", _pupils(5, 9), (40, 45, 50, 55), "training"),
    Recipe("advanced_10_11", SENIOR, (520, 540, 580, 600), "training"),
    Recipe("site_section", (), (690, 790, 895, 895), "school", cap=1),
    Recipe("stand", (), (790, 840, 895, 945), "school", cap=1),
    Recipe("staff_responsible", (), (1210, 1260, 1315, 1315), "grades", floor=1, cap=2),
    Recipe("staff_trained", ("staff_responsible",), (480, 540, 640, 680), "staff"),
)

# (element, whether it rises) → the reasons and words that schools give in turn.
EXPLANATIONS: dict[tuple[str, bool], tuple[tuple[str, str], ...]] = {
    ("tested_9_11", True): (
        ("first_time", "Тестирование впервые включено в план школы, раньше его проходили только желающие."),
        (
            "method_changed",
            "Теперь учитывается и тестирование на порталах проектов, раньше – только у педагога-психолога.",
        ),
        ("other", "Весной прошлого учебного года тестирование не состоялось из-за дистанционного обучения."),
    ),
    ("tested_9_11", False): (
        ("other", "Педагог-психолог уволился в середине года, тестирование закончили не все классы."),
    ),
    ("tested_6_8", False): (
        ("other", "Тестирование 6–8 классов перенесено на осень: педагог-психолог уволился в середине года."),
    ),
    ("parents_helped", True): (
        ("first_time", "Консультации для родителей выпускников впервые внесены в план педагога-психолога."),
        ("method_changed", "Раньше в журнал записывали только повторные обращения, теперь – каждую консультацию."),
        ("other", "Весной прошлого учебного года очные консультации не проводились из-за дистанционного обучения."),
    ),
    ("ticket_6_9", True): (
        ("first_time", "К проекту присоединились 6 и 7 классы, раньше участвовали только 8 и 9."),
        ("other", "Школе увеличили число мест в проекте."),
    ),
    ("ticket_6_9", False): (
        ("other", "Сменился педагог-навигатор, часть обучающихся не завершила регистрацию и диагностику."),
    ),
    ("ticket_trials", True): (
        ("first_time", "Пробы впервые прошли на базе двух колледжей, мест стало больше."),
        ("other", "Школе выделили автобус для поездок на площадки проб."),
    ),
    ("disabled_5_9", False): (
        (
            "method_changed",
            "Раньше учитывались и дети без заключения ПМПК, теперь – только с заключением или справкой МСЭ.",
        ),
    ),
    ("events_pupils", False): (
        (
            "first_time",
            "Два конкурса в этом году не проводились, а подвоз на выездные мероприятия организовать не удалось.",
        ),
    ),
    ("events_demanded", False): (
        ("other", "Стало меньше участников мероприятий в целом, поэтому уменьшилась и эта часть."),
    ),
    ("contest_pupils", False): (
        ("first_time", "Два конкурса, в которых школа участвовала раньше, в этом году не проводились."),
    ),
    ("service_consult", False): (("other", "Часть года ставка педагога-психолога была свободна."),),
    ("early_1_4", False): (
        ("other", "В двух классах прошло меньше трёх занятий: остальные перенесены на осень, эти дети не учтены."),
    ),
}

KEMEROVO = Place(
    municipality={
        "slug": "kemerovo",
        "kind": "муниципальный округ",
        "name": "Кемеровский муниципальный округ",
        "name_genitive": "Кемеровского муниципального округа",
        "name_dative": "Кемеровскому муниципальному округу",
        "name_instrumental": "Кемеровским муниципальным округом",
        "name_prepositional": "Кемеровском муниципальном округе",
        "region": "Кемеровская область – Кузбасс",
        "region_genitive": "Кемеровской области – Кузбасса",
        "city": "г. Кемерово",
        "oktmo": "32510000",
        "time_zone": "Asia/Novokuznetsk",
        "department": "Управление образования администрации Кемеровского муниципального округа",
        "department_genitive": "управления образования администрации Кемеровского муниципального округа",
        "head_position": "Начальник управления образования",
        "head_name": "О. В. Образцова",
    },
    made_up=(
        "Итоги по муниципальному округу за 2019/2020–2021/2022 учебные годы взяты из опубликованного аналитического "
        "отчёта. Числа по отдельным школам придуманы так, чтобы суммы сходились с опубликованными. Придуманы также "
        "названия школ, имя руководителя, строки, которых в отчёте нет, пояснения и все данные 2022/2023 учебного "
        "года. Число обучающихся 9 классов принято равным числу выпускников."
    ),
    schools=(
        School("K01", "МБОУ «Новополянская СОШ»", "secondary", "village", 44),
        School("K02", "МБОУ «Берёзовоярская СОШ»", "secondary", "village", 40),
        School("K03", "МБОУ «Верхнереченская СОШ»", "secondary", "village", 36),
        School("K04", "МБОУ «Сосноборовская СОШ»", "secondary", "village", 33),
        School("K05", "МБОУ «Заозёрная СОШ»", "secondary", "village", 30),
        School("K06", "МБОУ «Краснохолмская СОШ»", "secondary", "village", 28),
        School("K07", "МБОУ «Луговореченская СОШ»", "secondary", "village", 26),
        School("K08", "МБОУ «Пихтоложская СОШ»", "secondary", "village", 24),
        School("K09", "МБОУ «Светлоключевская СОШ»", "secondary", "village", 22),
        School("K10", "МБОУ «Старомостовская СОШ»", "secondary", "village", 21),
        School("K11", "МБОУ «Кедроложская СОШ»", "secondary", "village", 19),
        School("K12", "МБОУ «Рябиновологская ООШ»", "basic", "village", 18),
        School("K13", "МБОУ «Черёмухоярская ООШ»", "basic", "village", 16),
        School("K14", "МБОУ «Подгорнореченская ООШ»", "basic", "village", 15),
        School("K15", "МБОУ «Каменнобродская ООШ»", "basic", "village", 14),
        School("K16", "МБОУ «Ивовологская ООШ»", "basic", "village", 13),
        School("K17", "МБОУ «Медвежьелогская ООШ»", "basic", "village", 12),
        School("K18", "МБОУ «Дальнеключевская ООШ»", "basic", "village", 11),
        School("K19", "МБОУ «Родничковская НОШ»", "primary", "village", 15),
    ),
    feeders={"K19": "K05"},
    pupils={
        2019: (452, 440, 431, 402, None, 435, 447, 472, None, 98, None),
        2020: (428, 415, 404, 401, None, 368, 390, 400, None, 97, None),
        2021: (441, 436, 424, 412, None, 385, 392, 414, None, 103, None),
        2022: (436, 444, 437, 425, 414, 424, 386, 393, 412, 104, 95),
    },
    tendencies={
        ("K01", "champ"): (160, 140, 130, 130),
        ("K02", "champ"): (40, 30, 25, 25),
        ("K02", "conditions"): (150, 150, 160, 160),
        ("K03", "ticket"): (105, 95, 95, 95),
        ("K03", "parents"): (45, 40, 40, 45),
        ("K04", "disabled"): (260, 140, 130, 130),
        ("K05", "ticket"): (110, 70, 35, 35),
        ("K06", "diagnostics"): (100, 95, 38, 38),
        ("K07", "events"): (120, 90, 46, 45),
        ("K08", "ticket"): (40, 45, 40, 45),
        ("K09", "diagnostics"): (60, 50, 45, 50),
        ("K10", "parents"): (110, 140, 150, 150),
        ("K10", "ticket"): (90, 80, 80, 150),
        ("K11", "events"): (110, 110, 110, 60),
        ("K11", "parents"): (105, 95, 95, 95),
        ("K12", "early"): (100, 90, 45, 45),
        ("K13", "services"): (40, 40, 45, 45),
        ("K14", "ticket"): (100, 150, 170, 170),
        ("K16", "early"): (40, 45, 45, 50),
        ("K17", "events"): (45, 45, 50, 50),
        ("K18", "diagnostics"): (80, 60, 40, 40),
    },
    no_data={
        (2019, "K06", "routes"): "Журнал индивидуальных маршрутов за этот год не вёлся.",
        (2019, "K11", "service_lecture"): "Лекции в журнале не отделены от бесед.",
        (2019, "K15", "parents_informed"): "Протоколы родительских собраний за этот год не сохранились.",
        (2019, "K18", "extra_education"): "Школа ещё не была подключена к АИС «Навигатор».",
        (2020, "K06", "routes"): "Журнал индивидуальных маршрутов за этот год не вёлся.",
        (2020, "K13", "grad9_local"): "Место обучения части выпускников известно только по региону.",
        (2020, "K16", "service_consult"): "Ставка педагога-психолога в этом году была свободна, учёт не вёлся.",
        (2021, "K09", "service_lecture"): "Лекции в журнале не отделены от бесед.",
        (2021, "K17", "extra_education"): "Сведения АИС «Навигатор» ещё не сверены.",
    },
)

PROKOPYEVSK = Place(
    municipality={
        "slug": "prokopyevsk",
        "kind": "городской округ",
        "name": "Прокопьевский городской округ",
        "name_genitive": "Прокопьевского городского округа",
        "name_dative": "Прокопьевскому городскому округу",
        "name_instrumental": "Прокопьевским городским округом",
        "name_prepositional": "Прокопьевском городском округе",
        "region": "Кемеровская область – Кузбасс",
        "region_genitive": "Кемеровской области – Кузбасса",
        "city": "г. Прокопьевск",
        "oktmo": "32737000",
        "time_zone": "Asia/Novokuznetsk",
        "department": "Управление образования администрации города Прокопьевска",
        "department_genitive": "управления образования администрации города Прокопьевска",
        "head_position": "Начальник управления образования",
        "head_name": "Н. П. Примерова",
    },
    made_up="Все школы, имена и числа этого муниципального образования придуманы.",
    schools=(
        School("P01", "МБОУ «СОШ № 101»", "secondary", "city", 96),
        School("P02", "МБОУ «СОШ № 102»", "secondary", "city", 84),
        School("P03", "МБОУ «СОШ № 103»", "secondary", "city", 72),
        School("P04", "МБОУ «СОШ № 104»", "secondary", "city", 61),
        School("P05", "МБОУ «ООШ № 105»", "basic", "city", 38),
        School("P06", "МБОУ «НОШ № 106»", "primary", "city", 42),
    ),
    feeders={"P06": "P03"},
    pupils={
        2020: (398, 391, 385, 380, 372, 366, 359, 351, 344, 121, 112),
        2021: (402, 396, 389, 386, 377, 374, 364, 357, 349, 124, 117),
        2022: (395, 401, 394, 387, 384, 378, 372, 361, 355, 127, 121),
    },
    tendencies={("P04", "diagnostics"): (100, 100, 60, 60), ("P05", "parents"): (60, 60, 60, 60)},
    no_data={(2020, "P05", "extra_education"): "Школа ещё не была подключена к АИС «Навигатор»."},
)
