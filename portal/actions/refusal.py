"""How an action says no: with a sentence for the person who asked."""


class ActionRefused(Exception):
    """The action cannot be done; the text is a Russian sentence that says why and what to do."""
