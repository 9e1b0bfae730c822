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
    ZERO_FLIP = "zero_flip", "было число, стало 0, или наоборот"
    SAME_AS_LAST_YEAR = "same_as_last_year", "раздел повторяет прошлый год"
    IDENTICAL = "identical", "две строки одинаковы два года подряд"
    ROUND = "round", "почти все числа круглые"
    OUTLIER = "outlier", "далеко от похожих школ"
    ABOVE_TARGET = "above_target", "доля выше целевого значения"


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
    PASTE = "paste", "вставкой столбца"
    CLASSES = "classes", "сумма по классам"
    WORKBOOK = "workbook", "из бланка XLSX"
    IMPORT = "import", "из файла"
    LAUNCH = "launch", "при запуске"
    BEHALF = "behalf", "внесено управлением за школу"
    CORRECTION = "correction", "исправлено управлением"


# Ways in which the department, not the school, wrote a value; the cell says so.
BY_DEPARTMENT = frozenset({Way.BEHALF, Way.CORRECTION})


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


class ImportKind(TextChoices):
    """What a file brings; each has its own layout."""

    WORKBOOK = "workbook", "бланк одной школы"
    VALUES = "values", "таблица значений по школам"
    CONTINGENT = "contingent", "контингент из ОО-1"


class Outcome(TextChoices):
    """What came of a warning."""

    OPEN = "open", "без ответа"
    EXPLAINED = "explained", "пояснено"
    CORRECTED = "corrected", "число исправлено"


class ColumnKind(TextChoices):
    """What a column of a round-up asks."""

    NUMBER = "number", "число"
    TEXT = "text", "текст"
    YES_NO = "yes_no", "да/нет"
    DATE = "date", "дата"


class BaseOf(TextChoices):
    """Of whom the base of a published table is counted; tables with one base and the same grades must agree."""

    PUPILS = "pupils", "обучающиеся"
    DISABLED = "disabled", "обучающиеся с ОВЗ и инвалидностью"
    GRADUATES = "graduates", "выпускники"
    PARENTS = "parents", "родители"
    SCHOOLS = "schools", "организации"
    OTHER = "other", "другое"


class Judgement(TextChoices):
    """What the department decided about a published value, whatever the protocol finds."""

    DISPUTED = "disputed", "спорное"
    TRUSTED = "trusted", "верное"


class Collected(TextChoices):
    """How far a declared indicator is collected in a year (features B10)."""

    FULLY = "fully", "собран"
    PARTLY = "partly", "собран частично"
    NOT = "not", "не собран"
    OUTSIDE = "outside", "неприменим"
