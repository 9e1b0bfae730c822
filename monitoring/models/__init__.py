"""What there is in the monitoring: the catalogue, the yearly campaign, the values, the totals."""

from monitoring.models.campaign import (
    AcceptedForm,
    Campaign,
    CampaignElement,
    Explanation,
    StatusChange,
    Submission,
    Thread,
    Value,
    ValueChange,
)
from monitoring.models.catalogue import Check, Element, Form, Indicator, IndicatorGroup, Population, Section, Term
from monitoring.models.totals import IndicatorTotal, Target

__all__ = [
    "AcceptedForm",
    "Campaign",
    "CampaignElement",
    "Check",
    "Element",
    "Explanation",
    "Form",
    "Indicator",
    "IndicatorGroup",
    "IndicatorTotal",
    "Population",
    "Section",
    "StatusChange",
    "Submission",
    "Target",
    "Term",
    "Thread",
    "Value",
    "ValueChange",
]
