"""Closed lists of the monitoring: what a cell holds, the states of a form, severities, directions, reasons."""

from django.db.models import TextChoices


class CellState(TextChoices):
    """The four kinds of cell (design §2, rule 2). No row means empty; a cleared cell keeps its row for its version."""

    NUMBER = "number", "число"
    NO_DATA = "no_data", "нет данных"
    INAPPLICABLE = "inapplicable", "неприменимо"
    EMPTY = "empty", "не заполнено"


class FormState(TextChoices):
    """The seven states of a school's form, in the words of the screen."""

    NOT_STARTED = "not_started", "не начата"
    FILLING = "filling", "заполняется"
    SENT = "sent", "отправлена"
    UNDER_REVIEW = "under_review", "на проверке"
    RETURNED = "returned", "возвращена на доработку"
    ACCEPTED = "accepted", "принята"
    REOPENED = "reopened", "открыта для корректировки"


# States in which the school has done its part.
HANDED_IN = frozenset({FormState.SENT, FormState.UNDER_REVIEW, FormState.ACCEPTED, FormState.REOPENED})

# The sign of each state in templates/_parts/state.html.
STATE_TAGS: dict[FormState, str] = {
    FormState.NOT_STARTED: "todo",
    FormState.FILLING: "edit",
    FormState.SENT: "sent",
    FormState.UNDER_REVIEW: "clock",
    FormState.RETURNED: "return",
    FormState.ACCEPTED: "done",
    FormState.REOPENED: "edit",
}


class Severity(TextChoices):
    ERROR = "error", "ошибка"
    WARNING = "warning", "предупреждение"
    HINT = "hint", "подсказка"


class CheckKind(TextChoices):
    RELATION = "relation", "соотношение"
    YEAR_ON_YEAR = "year_on_year", "изменение к прошлому году"


class IndicatorKind(TextChoices):
    SHARE = "share", "доля"
    COUNT = "count", "количество"
    ORG_SHARE = "org_share", "доля организаций"


class Better(TextChoices):
    """Which way is better; «none» gets no colour, no rank, no rule."""

    UP = "up", "больше – лучше"
    DOWN = "down", "меньше – лучше"
    NONE = "none", "не оценивается"


class Side(TextChoices):
    NUMERATOR = "numerator", "числитель"
    DENOMINATOR = "denominator", "знаменатель"


class Way(TextChoices):
    """How a value came to be changed."""

    FORM = "form", "в форме"
    LAUNCH = "launch", "при запуске"
    IMPORT = "import", "из файла"


class Reason(TextChoices):
    """Why an unusual number is right."""

    NUMBERS_CHANGED = "numbers_changed", "изменилась численность"
    LAST_YEAR_ERROR = "last_year_error", "ошибка в прошлом году"
    FIRST_TIME = "first_time", "мероприятие проведено впервые или не проводилось"
    METHOD_CHANGED = "method_changed", "изменилась методика"
    OTHER = "other", "другое"


class ThreadKind(TextChoices):
    REMARK = "remark", "замечание"
    QUESTION = "question", "вопрос"
