"""Registration of the app with Django."""

from django.apps import AppConfig


class MethodicalConfig(AppConfig):
    name = "methodical"
    verbose_name = "Методическая работа"
    default_auto_field = "django.db.models.BigAutoField"
