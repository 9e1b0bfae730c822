"""Tables and region forms that people keep."""

from django.db.models import QuerySet

from monitoring.models import RegionForm, SavedTable
from portal.models import Membership


def saved_tables(member: Membership) -> QuerySet[SavedTable]:
    """Tables kept in the municipality, by name."""
    return SavedTable.objects.visible_to(member).select_related("saved_by", "municipality")


def region_forms(member: Membership) -> QuerySet[RegionForm]:
    """Region forms of the municipality, by name; the file itself is read only where it is needed."""
    return RegionForm.objects.visible_to(member).select_related("uploaded_by", "municipality").defer("file")
