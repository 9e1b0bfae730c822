"""What there is in the monitoring: the catalogue, the yearly campaign, the values, the totals."""

from monitoring.models.campaign import (
    AcceptedForm,
    Campaign,
    CampaignElement,
    Explanation,
    Reply,
    StatusChange,
    Submission,
    Thread,
    Value,
    ValueChange,
)
from monitoring.models.catalogue import Check, Element, Form, Indicator, IndicatorGroup, Population, Section, Term
from monitoring.models.passports import CatalogueDraft, CollectionNote, Wording
from monitoring.models.published import PublishedRow, PublishedTable
from monitoring.models.roundup import Roundup, RoundupColumn, RoundupRow
from monitoring.models.running import (
    ClassNumber,
    ClassRow,
    Extension,
    ImportDraft,
    Reminder,
    RuleSetting,
    SectionKeeper,
    SectionMark,
    WarningRecord,
)
from monitoring.models.saved import RegionForm, SavedTable
from monitoring.models.totals import IndicatorTotal, Target

__all__ = [
    "AcceptedForm",
    "Campaign",
    "CampaignElement",
    "CatalogueDraft",
    "Check",
    "ClassNumber",
    "ClassRow",
    "CollectionNote",
    "Element",
    "Explanation",
    "Extension",
    "Form",
    "ImportDraft",
    "Indicator",
    "IndicatorGroup",
    "IndicatorTotal",
    "Population",
    "PublishedRow",
    "PublishedTable",
    "RegionForm",
    "Reminder",
    "Reply",
    "Roundup",
    "RoundupColumn",
    "RoundupRow",
    "RuleSetting",
    "SavedTable",
    "Section",
    "SectionKeeper",
    "SectionMark",
    "StatusChange",
    "Submission",
    "Target",
    "Term",
    "Thread",
    "Value",
    "ValueChange",
    "WarningRecord",
    "Wording",
]
