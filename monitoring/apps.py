"""Registration of the app with Django."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Мониторинг"
    default_auto_field = "django.db.models.BigAutoField"
