"""How the report opens and closes: title page, grounds, goals, the signature, the look of the municipality's papers."""

from dataclasses import fields

from django.utils.text import capfirst

from portal.formats import NBSP, date_words, school_year_genitive
from portal.models import Regulation
from reports.content.wording import initials, listed, paragraph, small_first
from reports.document import Approval, Block, BulletList, Heading, NumberedList, Profile, SignatureBlock, TitlePage
from reports.queries import AnalysisData, Signer

_SUBJECT = "результатах мониторинга профориентационной работы в общеобразовательных организациях"

_GOALS = (
    "установить, куда поступают выпускники 9 и 11 классов и сколько из них продолжает образование по профилю обучения;",
    "выявить выпускников, о которых нет сведений или которые не определились с выбором, и школы, которым нужна помощь;",
    "оценить участие обучающихся в чемпионатах профессионального мастерства, в том числе участие детей "
    "с ограниченными возможностями здоровья;",
    "оценить охват обучающихся разных классов профориентационными проектами и мероприятиями;",
    "проследить, начинается ли профориентация в начальной школе;",
    "оценить, сколько обучающихся прошло профориентационную диагностику и получило консультации;",
    "оценить, какая помощь оказана родителям (законным представителям) в выборе ребёнком дальнейшего пути;",
    "оценить взаимодействие школ с предприятиями, колледжами и вузами и условия для профессиональных проб;",
    "оценить подготовку педагогов, ответственных за профориентацию;",
    "сравнить школы одного муниципалитета по единым показателям и найти опыт, который стоит распространить;",
    "подготовить адресные рекомендации и решения, исполнение которых можно проверить по показателям следующего года.",
)


def heading_of(data: AnalysisData) -> str:
    """«о результатах мониторинга … Кемеровского муниципального округа»."""
    return f"о {_SUBJECT} {data.municipality.name_genitive}"


def title_of(data: AnalysisData) -> str:
    return f"Аналитический отчёт {heading_of(data)} за {school_year_of(data)}"


def school_year_of(data: AnalysisData) -> str:
    """«2021/2022 учебный год» in one line."""
    return school_year_genitive(data.year).replace("учебного года", f"учебный{NBSP}год")


def title_page(data: AnalysisData) -> TitlePage:
    place = data.municipality
    return TitlePage(
        organisation=place.department,
        kind="АНАЛИТИЧЕСКИЙ ОТЧЁТ",
        heading=heading_of(data),
        approval=Approval(place.head_position, initials(place.head_name)),
        period=f"за {school_year_of(data)}",
        place_year=f"{place.city.replace(' ', NBSP)}, {data.year + 1}",
        notes=tuple(note for note in (place.made_up, _shortfall(data)) if note),
    )


def _shortfall(data: AnalysisData) -> str:
    """What the reader must know before anything else where not all organisations are in."""
    short = [one for one in data.participation if one.missing]
    told = "; ".join(f"«{one.title}» – {one.accepted} из {one.expected} организаций" for one in short)
    return f"Отчёт составлен по неполным данным. Приняты формы: {told}." if short else ""


def profile_of(data: AnalysisData) -> Profile:
    """The look that the municipality has chosen; what it has not said keeps its default."""
    known = {field.name for field in fields(Profile)}
    return Profile(**{name: value for name, value in data.municipality.document_profile.items() if name in known})


def grounds(data: AnalysisData) -> tuple[Block, ...]:
    place = data.municipality
    purpose = paragraph(
        f"Мониторинг профориентационной работы проводит {small_first(place.department)}. Предмет мониторинга – "
        f"система работы по самоопределению и профессиональной ориентации обучающихся в общеобразовательных "
        f"организациях {place.name_genitive} за {school_year_of(data)}."
    )
    head = Heading(1, "Основания проведения мониторинга", "grounds")
    if not data.regulations:
        return (head, purpose, paragraph("Акты, на основании которых проведён мониторинг, в портале не указаны."))
    acts = listed(_act(act, last=act is data.regulations[-1]) for act in data.regulations)
    return (head, purpose, paragraph("Мониторинг проведён на основании следующих актов:"), BulletList(acts))


def goals() -> tuple[Block, ...]:
    return (
        Heading(1, "Цели мониторинга", "goals"),
        paragraph("Мониторинг даёт достоверные сведения для управленческих решений. Его цели:"),
        NumberedList(listed(_GOALS)),
    )


def signature(data: AnalysisData) -> SignatureBlock:
    """The methodist's, or lines to be filled in by hand."""
    signer = data.signer or Signer("Ответственный за подготовку отчёта", "", "")
    name = initials(signer.name) if signer.name else "____________________"
    phone = signer.phone or "____________________"
    return SignatureBlock(
        capfirst(signer.position), name, f"Исполнитель: {signer.name or '____________________'}\nтел. {phone}"
    )


def _act(act: Regulation, *, last: bool) -> str:
    """«приказ управления … от 2 сентября 2019 г. № 318 «О проведении …»;»."""
    title = act.title.strip("«»")
    return f"{act.get_kind_display()} {act.issuer} от {date_words(act.date)} №{NBSP}{act.number} «{title}»" + (
        "." if last else ";"
    )
