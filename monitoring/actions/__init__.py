"""Everything that changes the monitoring: keyword-only, atomic, recorded."""

from monitoring.actions.campaign import launch_campaign
from monitoring.actions.catalogue import load_catalogue
from monitoring.actions.entry import CellEntry, SaveResult, explain, save_cells
from monitoring.actions.history import accept_past_form
from monitoring.actions.review import accept, answer_remark, reopen, return_form, send, take, withdraw
from monitoring.actions.totals import rebuild_totals, set_target

__all__ = [
    "CellEntry",
    "SaveResult",
    "accept",
    "accept_past_form",
    "answer_remark",
    "explain",
    "launch_campaign",
    "load_catalogue",
    "rebuild_totals",
    "reopen",
    "return_form",
    "save_cells",
    "send",
    "set_target",
    "take",
    "withdraw",
]
