"""The portal's settings with the jobs of tests, for a worker in a process of its own."""

from portal.settings import *  # noqa: F403

PORTAL_JOBS = {
    "effect": "tests.portal.work.effect",
    "hang": "tests.portal.work.hang_first",
    "refuse": "tests.portal.work.refuse",
    "fail": "tests.portal.work.fail",
}
