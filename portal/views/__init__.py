"""Pages of the portal itself: its frame, schools, acts, people and invitations."""

from portal.views.pages import csrf_failure

__all__ = ["csrf_failure"]  # settings name it by this path
