"""A new year's catalogue: uploaded, compared, confirmed or put aside, and kept as the history of the catalogue."""

from django.db import transaction
from django.utils import timezone

from monitoring.actions.catalogue import Loaded, load_catalogue
from monitoring.actions.totals import rebuild_totals
from monitoring.catalogue import Catalogue, CatalogueRefused, parse_catalogue
from monitoring.models import Campaign, CatalogueDraft
from monitoring.queries.passports.catalogue_changes import (
    CLOSED,
    MEANING,
    NEW,
    Difference,
    catalogue_version,
    differences,
    preview_of,
)
from portal.actions import ActionRefused
from portal.models import Municipality, User

UNCHANGED = "Файл ничего не меняет: всё в нём такое же, как в каталоге."


def keep_catalogue_draft(*, text: str, file_name: str, by: User) -> CatalogueDraft:
    """Keep an uploaded file until it is confirmed.

    Raises CatalogueRefused with all its errors, also where accepted data would change their meaning, and ActionRefused
    where the file says what the catalogue says already.
    """
    preview = preview_of(text)
    if preview.errors:
        raise CatalogueRefused(preview.errors)
    if not preview.differences:
        raise ActionRefused(UNCHANGED)
    return CatalogueDraft.objects.create(file_name=file_name[:200], text=text, uploaded_by=by)


@transaction.atomic
def confirm_catalogue_draft(*, draft: CatalogueDraft, version: int, by: User) -> CatalogueDraft:
    """Apply a kept file, all or nothing. `version` is of the catalogue that the person saw it compared with.

    Raises ActionRefused for a file that is done with or was compared with another catalogue, CatalogueRefused as
    `load_catalogue` does.
    """
    locked = _waiting(draft)
    if version != catalogue_version():
        raise ActionRefused("Пока вы смотрели, каталог изменили. Проверьте отличия ещё раз.")
    catalogue = parse_catalogue(locked.text)
    _apply(locked, catalogue, differences(catalogue), by)
    return locked


@transaction.atomic
def cancel_catalogue_draft(*, draft: CatalogueDraft) -> None:
    """Put a file aside; it stays in the history. Raises ActionRefused for one that is done with."""
    locked = _waiting(draft)
    locked.cancelled_at = timezone.now()
    locked.save(update_fields=["cancelled_at"])


@transaction.atomic
def load_catalogue_file(*, text: str, file_name: str) -> Loaded:
    """Apply a file at once, as the command does; what changes the catalogue stands in its history.

    Raises CatalogueRefused.
    """
    catalogue = parse_catalogue(text)
    changes = differences(catalogue)
    if not changes:
        return load_catalogue(catalogue=catalogue)
    return _apply(CatalogueDraft(file_name=file_name[:200], text=text), catalogue, changes, None)


def _waiting(draft: CatalogueDraft) -> CatalogueDraft:
    """The draft as it is now; every waiting file is locked, so that two compared with one catalogue apply in turn."""
    waiting = CatalogueDraft.objects.filter(applied_at=None, cancelled_at=None).order_by("pk")
    list(waiting.select_for_update().values_list("pk"))
    locked = CatalogueDraft.objects.get(pk=draft.pk)
    if locked.applied_at:
        raise ActionRefused("Этот файл уже применён.")
    if locked.cancelled_at:
        raise ActionRefused("Эта загрузка отменена. Загрузите файл ещё раз.")
    return locked


def _apply(draft: CatalogueDraft, catalogue: Catalogue, changes: tuple[Difference, ...], by: User | None) -> Loaded:
    """Load the catalogue, compute again what a new formula or another year changes, and keep what was done."""
    loaded = load_catalogue(catalogue=catalogue)
    if any(one.what == "показатель" and one.sort in (NEW, CLOSED, MEANING) for one in changes):
        for municipality, year in Campaign.objects.order_by().values_list("municipality", "year").distinct():
            rebuild_totals(municipality=Municipality.objects.get(pk=municipality), year=year)
    counts: dict[str, int] = {}
    for one in changes:
        counts[one.sort] = counts.get(one.sort, 0) + 1
    draft.summary = {
        "counts": counts,
        "not_collected": [[row.name, row.reason] for row in catalogue.not_collected],
    }
    draft.applied_at, draft.applied_by = timezone.now(), by
    draft.save()
    return loaded
