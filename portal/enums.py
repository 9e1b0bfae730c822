"""Closed lists of the portal: kinds of schools, of acts, states of jobs and letters."""

from django.db.models import TextChoices


class SchoolKind(TextChoices):
    """Sorts of reporting organisations; the first seven are general schools (the catalogue's default)."""

    PRIMARY = "primary", "Начальная школа"
    BASIC = "basic", "Основная школа"
    SECONDARY = "secondary", "Средняя школа"
    GYMNASIUM = "gymnasium", "Гимназия"
    LYCEUM = "lyceum", "Лицей"
    EVENING = "evening", "Вечерняя школа"
    SPECIAL = "special", "Специальная (коррекционная) школа"
    PRESCHOOL = "preschool", "Дошкольная организация"
    EXTRA = "extra", "Организация дополнительного образования"


class Locality(TextChoices):
    CITY = "city", "Город"
    VILLAGE = "village", "Село"


class RegulationKind(TextChoices):
    ORDER = "order", "приказ"
    RESOLUTION = "resolution", "постановление"
    LAW = "law", "закон"
    LETTER = "letter", "письмо"


class JobState(TextChoices):
    QUEUED = "queued", "В очереди"
    RUNNING = "running", "Выполняется"
    DONE = "done", "Готово"
    FAILED = "failed", "Не выполнено"


class MailState(TextChoices):
    WAITING = "waiting", "Ждёт отправки"
    SENT = "sent", "Отправлено"
    FAILED = "failed", "Не отправлено"


class InvitationPurpose(TextChoices):
    """What the one-time link is for; either way its holder sets a password of their own."""

    JOIN = "join", "приглашение"
    RESET = "reset", "новый пароль"


class InvitationWay(TextChoices):
    """How the one-time code reaches its person."""

    MAIL = "mail", "письмом"
    SLIP = "slip", "листком доступа"
