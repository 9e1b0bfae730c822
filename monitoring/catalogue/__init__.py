"""What is asked, computed and checked in a year of monitoring, as the catalogue file says it.

The pure layer below the models: parsing a file of the form of `fixtures/catalogue.yaml` into frozen records, the checks
that follow from shares, what may not change in a code in use, and how grades are named.
"""

from monitoring.catalogue.implied import entails, narrowness
from monitoring.catalogue.meaning import element_meaning, indicator_meaning, meaning_changes
from monitoring.catalogue.parsing import parse_catalogue
from monitoring.catalogue.records import (
    ALL_GRADES,
    ALL_KINDS,
    BOUNDS,
    GENERAL_KINDS,
    Catalogue,
    CheckRecord,
    ElementRecord,
    FormRecord,
    GroupRecord,
    IndicatorRecord,
    NotCollectedRecord,
    PopulationRecord,
    SectionRecord,
    TermRecord,
)
from monitoring.catalogue.rows import CatalogueError, CatalogueRefused
from monitoring.catalogue.wording import grades_label, quoted

__all__ = [
    "ALL_GRADES",
    "ALL_KINDS",
    "BOUNDS",
    "GENERAL_KINDS",
    "Catalogue",
    "CatalogueError",
    "CatalogueRefused",
    "CheckRecord",
    "ElementRecord",
    "FormRecord",
    "GroupRecord",
    "IndicatorRecord",
    "NotCollectedRecord",
    "PopulationRecord",
    "SectionRecord",
    "TermRecord",
    "element_meaning",
    "entails",
    "grades_label",
    "indicator_meaning",
    "meaning_changes",
    "narrowness",
    "parse_catalogue",
    "quoted",
]
