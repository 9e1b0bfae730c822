"""The municipality's own words for indicators and elements, and why an indicator is not collected in a year."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from monitoring.models import CollectionNote, Element, Indicator, Wording
from monitoring.queries.passports.wordings import key_of, versions_of
from portal.actions import ActionRefused
from portal.models import Municipality, Regulation, User

ELEMENT_NAME, ELEMENT_HINT = 300, 500  # characters; a launched campaign keeps them in columns of this width


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words that should hold; an empty name or text means the catalogue's."""

    name: str = ""
    text: str = ""
    responsible: str = ""
    regulation: Regulation | None = None


@transaction.atomic
def set_wording(
    *, municipality: Municipality, thing: Element | Indicator, wanted: Wanted, note: str, by: User
) -> Wording:
    """Add a version of the words of an indicator or an element; earlier ones stay in the history.

    Words equal to the catalogue's are kept as none of one's own, so that a later catalogue shows through.
    Raises ActionRefused where nothing changes, nobody says why, a text is too long, or the act is another's.
    """
    if not note.strip():
        raise ActionRefused("Напишите, почему меняются слова: причина останется в истории.")
    if wanted.regulation is not None and wanted.regulation.municipality_id != municipality.pk:
        raise ActionRefused("Такого документа в реестре нет. Выберите другой.")
    own = _without_catalogue(thing, wanted)
    if isinstance(thing, Element) and (len(own.name) > ELEMENT_NAME or len(own.text) > ELEMENT_HINT):
        raise ActionRefused(f"Название строки – до {ELEMENT_NAME} знаков, подсказка – до {ELEMENT_HINT}.")
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # two people change the words in turn
    last = next(iter(versions_of(municipality, thing)), None)
    if own == (_said(last) if last else Wanted()):
        raise ActionRefused("Слова уже такие. Измените их или вернитесь к паспорту.")
    return Wording.objects.create(
        municipality=municipality,
        **key_of(thing),
        version=last.version + 1 if last else 1,
        name=own.name,
        text=own.text,
        responsible=own.responsible,
        regulation=own.regulation,
        note=note.strip(),
        by=by,
    )


@transaction.atomic
def restore_wording(
    *, municipality: Municipality, thing: Element | Indicator, version: int | None, by: User
) -> Wording:
    """Put an earlier version back as a new one; None puts back the catalogue's words. Raises ActionRefused.

    Back in the catalogue's words, the responsible position and the act stay: the catalogue says nothing of them.
    """
    versions = {one.version: one for one in versions_of(municipality, thing)}
    if version is None:
        kept = _said(versions[max(versions)]) if versions else Wanted()
        wanted = Wanted(responsible=kept.responsible, regulation=kept.regulation)
        return set_wording(
            municipality=municipality, thing=thing, wanted=wanted, note="Возвращены слова каталога", by=by
        )
    if version not in versions:
        raise ActionRefused("Такой версии нет. Обновите страницу.")
    note = f"Возвращена версия {version}"
    return set_wording(municipality=municipality, thing=thing, wanted=_said(versions[version]), note=note, by=by)


@transaction.atomic
def set_collection_note(
    *, municipality: Municipality, year: int, indicator: Indicator, text: str, by: User
) -> CollectionNote | None:
    """Say in the department's words why an indicator is not collected in a year; an empty text takes them away."""
    if not text.strip():
        CollectionNote.objects.filter(municipality=municipality, year=year, indicator=indicator).delete()
        return None
    note, _ = CollectionNote.objects.update_or_create(
        municipality=municipality,
        year=year,
        indicator=indicator,
        defaults={"text": text.strip(), "by": by, "at": timezone.now()},
    )
    return note


def _said(wording: Wording) -> Wanted:
    return Wanted(wording.name, wording.text, wording.responsible, wording.regulation)


def _without_catalogue(thing: Element | Indicator, wanted: Wanted) -> Wanted:
    """The same with whatever the catalogue says anyway left out."""
    name, text = wanted.name.strip(), wanted.text.strip()
    hint = thing.hint if isinstance(thing, Element) else ""
    return Wanted(
        "" if name == thing.name else name,
        "" if text == hint else text,
        wanted.responsible.strip(),
        wanted.regulation,
    )
