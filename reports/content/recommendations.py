"""Targeted recommendations: to whom, what to do, where, and on which value and threshold it rests (features F1, F2)."""

from collections.abc import Iterable

from monitoring.enums import Better
from monitoring.queries.results.overview import SchoolLine
from monitoring.queries.results.sentences import difference_words, target_words, value_words
from portal.formats import NBSP, school_year_short
from reports.content.comparison import OFTEN, lagging
from reports.content.findings import Finding, findings, unfilled
from reports.content.topics import Addressee, Topic
from reports.content.wording import block_key, drafted, paragraph, run, school_value, threshold
from reports.document import Block, Heading, Inline, NumberedList, Reference
from reports.queries import AnalysisData

Item = tuple[Inline, ...]

_TITLES = {
    Addressee.MUNICIPALITY: ("Управлению образования", "управления образования"),
    Addressee.HEADS: ("Руководителям школ", "руководителей школ"),
    Addressee.TEACHERS: ("Педагогам, ответственным за профориентацию", "педагогов"),
    Addressee.PARENTS: ("Родителям (законным представителям)", "родителей"),
    Addressee.PUPILS: ("Обучающимся", "обучающихся"),
}


def recommendations(data: AnalysisData) -> tuple[Block, ...]:
    """A section for each addressee: its items, or the sentence that there are none."""
    found = findings(data)
    blocks: list[Block] = [
        Heading(1, "Адресные рекомендации", "recommendations"),
        paragraph(
            "Рекомендация даётся, если показатель не достиг целевого значения или заметно ухудшился за год, "
            "если школа находится в нижней четверти сопоставимых школ или не представила сведения. "
            "При каждой рекомендации указано значение, на котором она основана."
        ),
    ]
    for addressee in Addressee:
        title, whose = _TITLES[addressee]
        blocks.append(Heading(2, title, f"for-{addressee.value}"))
        items = _items(addressee, found, data)
        nothing = f"Для {whose} рекомендаций по данным этого года нет."
        blocks.append(NumberedList(tuple(items)) if items else paragraph(nothing))
    return tuple(blocks)


def _items(addressee: Addressee, found: Iterable[Finding], data: AnalysisData) -> list[Item]:
    """One item for each topic: the same action is not recommended twice for two indicators of it."""
    topics: dict[Topic, list[Finding]] = {}
    for one in found:
        if one.topic.action(addressee) and (addressee != Addressee.MUNICIPALITY or one.of_municipality):
            topics.setdefault(one.topic, []).append(one)
    items = [_item(addressee, topic, own, data) for topic, own in topics.items()]
    if addressee == Addressee.MUNICIPALITY:
        items += _help(data) + _no_targets(data) + _missing_forms(data)
    if addressee == Addressee.HEADS:
        items += _unfilled(data)
    return items


def _item(addressee: Addressee, topic: Topic, own: list[Finding], data: AnalysisData) -> Item:
    """An action, the values and thresholds it rests on, and the schools it concerns first of all."""
    grounds: list[Inline | str | Item] = []
    for one in own:
        grounds += ["; " if grounds else "Основание: ", *_ground(addressee, one, data)]
    return run(f"{topic.action(addressee)}. ", *grounds, ". ", _schools(addressee, own))


def _ground(addressee: Addressee, finding: Finding, data: AnalysisData) -> tuple[Inline | str | Item, ...]:
    """«показатель 4.1 (таблица 9) – 51,3 % (310 из 604), целевое значение 60 % не достигнуто, …»."""
    history = finding.history
    facts = [value_words(history.now)]
    if finding.below:
        facts.append(target_words(history))
    if history.worsened:
        least = "" if history.is_count else f" при пороге 1{NBSP}п.{NBSP}п."
        facts.append(f"{difference_words(history)} к {school_year_short(history.points[-2].year)}{least}")
    # Those who act in schools need one threshold; the school's own value stands beside its name.
    if finding.bound is not None and (addressee == Addressee.HEADS or not finding.of_municipality):
        quarter = "верхняя четверть школ – от" if history.better == Better.DOWN else "нижняя четверть школ – до"
        facts.append(f"{quarter} {threshold(finding.bound, history)}")
    main = any(one.code == finding.code for one in data.profile)
    where: Item = run(" (", Reference(block_key("table", finding.code)), ")") if main else ()
    return f"показатель{NBSP}{finding.code}", where, f"{NBSP}– ", drafted(", ".join(facts), finding.code)


def _schools(addressee: Addressee, own: list[Finding]) -> Item:
    """Schools of the lowest quarters; their heads read the values too, and whether they fell within the year."""
    first = "В первую очередь" if any(one.of_municipality for one in own) else "Школы"
    named = [one for one in own if one.low]
    if not named:
        return run("Касается всех школ, к которым относится показатель.")
    if addressee != Addressee.HEADS:
        names = {line.school.pk: line.school.name for one in named for line in one.low}
        return run(f"{first}: {', '.join(names.values())}.")
    parts: list[Inline | str | Item] = []
    for one in named:
        parts += [". " if parts else "", f"{first}, показатель {one.code}: " if len(named) > 1 else f"{first}: "]
        parts.append(drafted("; ".join(_own_value(line, one) for line in one.low), one.code))
    return run(*parts, ".")


def _own_value(line: SchoolLine, finding: Finding) -> str:
    if finding.bound is None:
        return line.school.name
    fell = ", хуже прошлогоднего" if line in finding.fallen else ""
    return school_value(line, finding.code) + fell


def _help(data: AnalysisData) -> list[Item]:
    """Schools that are low in several indicators at once are helped as a whole."""
    rows = lagging(data)
    if not rows:
        return []
    told = "; ".join(f"{row.line.school.name} ({', '.join(row.codes)})" for row in rows)
    which = "школой, которая находится" if len(rows) == 1 else "школами, которые находятся"
    return [
        run(
            f"Закрепить методиста и школу-наставника за {which} в нижней четверти по {OFTEN} и более "
            f"основным показателям. Основание: показатели, указанные в скобках, – {told}."
        )
    ]


def _no_targets(data: AnalysisData) -> list[Item]:
    """Without targets nobody can say whether the year was good enough."""
    judged = [one.code for one in data.profile if one.better != Better.NONE]
    if not judged or any(one.target is not None for one in data.overview.all):
        return []
    return [
        run(
            "Установить целевые значения основных показателей на следующий учебный год. "
            f"Основание: они не установлены ни для одного показателя ({', '.join(judged)})."
        )
    ]


def _missing_forms(data: AnalysisData) -> list[Item]:
    """Schools without an accepted form come before all else, because nothing can be said of them."""
    items = []
    for one in data.participation:
        if one.missing:
            names = "; ".join(f"{name} (форма {state})" for name, state in one.missing)
            told = f"сведения приняты у {one.accepted} из {one.expected} организаций"
            items.append(
                run(
                    f"Получить и принять форму «{one.title}». Основание: ",
                    drafted(told, "coverage"),
                    f". Не приняты: {names}.",
                )
            )
    return items


def _unfilled(data: AnalysisData) -> list[Item]:
    """Schools whose accepted forms say «нет данных»."""
    rows = unfilled(data)
    if not rows:
        return []
    names: dict[str, list[str]] = {}
    for one in rows:
        for line in one.schools:
            names.setdefault(line.school.name, []).append(one.history.code)
    told: list[Inline | str | Item] = []
    for one in rows:
        if one.history.now is not None:
            used = f"по данным {one.history.now.used} из {one.history.now.expected} школ"
            told += [", " if told else "", f"{one.history.code}{NBSP}– ", drafted(used, one.history.code)]
    schools = "; ".join(f"{name} ({', '.join(codes)})" for name, codes in names.items())
    return [
        run(
            "Наладить учёт и представить в следующем году сведения, которых сейчас нет. ",
            "Основание: показатели вычислены не по всем школам: ", *told, f". Нет данных: {schools}.",
        )
    ]  # fmt: skip
