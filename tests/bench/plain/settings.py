"""The portal's settings with Django's admin beside it, for the bench of the import alone."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin", "tests.bench.plain"]
ROOT_URLCONF = "tests.bench.plain.urls"
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "admin.E403"]
