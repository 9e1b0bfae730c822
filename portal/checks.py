"""What is wrong with a school or an act before it is written: one sentence for each field (features C9, H15, I1)."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from portal.enums import SchoolKind
from portal.formats import search_key, sort_key
from portal.models import Regulation, School

FIRST_ACT = date(1990, 1, 1)
FIRST_SCHOOL = date(1700, 1, 1)
LONGEST_KEY = 219  # of the name as it is searched and sorted: the column of 250 also holds a code of 30
AHEAD = timedelta(days=366)  # an opening or a closing is entered at most a year before it happens
GRADES = range(1, 13)  # the twelfth is of evening schools
WITHOUT_GRADES = frozenset({SchoolKind.PRESCHOOL, SchoolKind.EXTRA})

Faults = dict[str, str]  # field → sentence


def school_faults(*, name: str, kind: str, grades: Sequence[int], opened: date | None, today: date) -> Faults:
    """What is wrong with the passport of a school."""
    faults: Faults = {}
    if max(len(sort_key(name)), len(search_key(name))) > LONGEST_KEY:
        faults["name"] = "Название слишком длинное. Сократите его."
    if kind in WITHOUT_GRADES and grades:
        faults["grades"] = "У организации этого вида классов нет. Уберите классы или исправьте вид."
    elif kind not in WITHOUT_GRADES and not grades:
        faults["grades"] = "Укажите классы, которые есть в школе."
    if opened and not FIRST_SCHOOL <= opened <= today + AHEAD:
        faults["opened"] = "Дата открытия указана неверно: она не может быть раньше 1700 года или позже чем через год."
    return faults


def closing_faults(school: School, *, on: date, successor: School | None, today: date) -> Faults:
    """What is wrong with closing a school on a day, perhaps into a successor."""
    faults: Faults = {}
    if on > today + AHEAD:
        faults["closed"] = "Закрытие можно отметить не раньше чем за год."
    elif on < (school.opened or FIRST_SCHOOL):
        faults["closed"] = "Школа не могла закрыться раньше, чем открылась. Исправьте дату."
    if successor is None:
        return faults
    if successor.pk == school.pk:
        faults["successor"] = "Школа не может быть преемницей самой себя. Выберите другую."
    elif successor.closed and successor.closed <= on:
        faults["successor"] = "Эта школа к тому дню уже закрыта. Выберите действующую."
    elif successor.opened and successor.opened > on + AHEAD:
        faults["successor"] = "Эта школа откроется намного позже. Выберите другую."
    return faults


def act_faults(
    *, dated: date, valid_from: date | None, valid_until: date | None, replaced_by: Regulation | None, today: date
) -> Faults:
    """What is wrong with the dates of an act: with its own, with its term, with the act that replaced it."""
    faults: Faults = {}
    if dated > today:
        faults["date"] = "Дата документа ещё не наступила. Исправьте её."
    elif dated < FIRST_ACT:
        faults["date"] = "Дата документа раньше 1990 года. Исправьте её."
    if valid_from and valid_from < dated:
        faults["valid_from"] = "Документ не может вступить в силу раньше, чем подписан. Исправьте одну из дат."
    if valid_until and valid_until < (valid_from or dated):
        faults["valid_until"] = "Документ не может утратить силу раньше, чем вступил в неё. Исправьте одну из дат."
    if replaced_by and replaced_by.date < dated:
        faults["replaced_by"] = "Этот документ подписан раньше, заменить более поздний он не мог. Выберите другой."
    return faults


def replaces_itself(changed: Regulation, replaced_by: Regulation | None, successors: dict[int, int | None]) -> bool:
    """Whether an act would come to replace itself. `successors` says of every act which one replaced it."""
    seen: Collection[int | None] = {None}
    following = replaced_by.pk if replaced_by else None
    while following not in seen:
        if following == changed.pk:
            return True
        seen = {*seen, following}
        following = successors.get(following) if following is not None else None
    return False
