"""Everything that changes the monitoring: keyword-only, atomic, recorded."""

from monitoring.actions.behalf import begin_behalf, correct, end_behalf
from monitoring.actions.campaign import (
    change_campaign,
    close_campaign,
    launch_campaign,
    launch_together,
    open_campaign_again,
)
from monitoring.actions.catalogue import load_catalogue
from monitoring.actions.catalogue_drafts import load_catalogue_file
from monitoring.actions.entry import CellEntry, SaveResult, explain, save_cells
from monitoring.actions.extension import cancel_extension, extend
from monitoring.actions.handover import hand_over
from monitoring.actions.history import accept_past_form
from monitoring.actions.imports import apply_draft, cancel_draft, compare_draft, confirm_draft, keep_draft, write_cells
from monitoring.actions.marks import mark_section
from monitoring.actions.notes import annotate_cell, ask, close_question, keep_answer_of_link, links_to_ask, reply
from monitoring.actions.reminders import remind, remind_due
from monitoring.actions.review import (
    accept,
    accept_clean,
    answer_remark,
    close_remark,
    reopen,
    return_form,
    send,
    take,
    withdraw,
)
from monitoring.actions.rules import Bounds, set_rule
from monitoring.actions.sign_off import give_back, offer, take_back
from monitoring.actions.totals import rebuild_totals, set_target

__all__ = [
    "Bounds",
    "CellEntry",
    "SaveResult",
    "accept",
    "accept_clean",
    "accept_past_form",
    "annotate_cell",
    "apply_draft",
    "answer_remark",
    "ask",
    "change_campaign",
    "close_campaign",
    "begin_behalf",
    "cancel_draft",
    "cancel_extension",
    "close_question",
    "close_remark",
    "compare_draft",
    "confirm_draft",
    "correct",
    "end_behalf",
    "explain",
    "extend",
    "give_back",
    "hand_over",
    "mark_section",
    "keep_answer_of_link",
    "keep_draft",
    "launch_campaign",
    "launch_together",
    "links_to_ask",
    "load_catalogue",
    "load_catalogue_file",
    "open_campaign_again",
    "offer",
    "rebuild_totals",
    "remind",
    "remind_due",
    "reopen",
    "reply",
    "return_form",
    "save_cells",
    "send",
    "set_rule",
    "set_target",
    "take",
    "take_back",
    "withdraw",
    "write_cells",
]
