"""Computes the totals of every municipality and year again from the accepted values."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.actions import rebuild_totals
from monitoring.queries.results.overview import years_of
from portal.models import Municipality


class Command(BaseCommand):
    help = (
        "Пересчитывает итоги всех муниципалитетов и лет по принятым данным."
        " Если всё исправно, числа от этого не меняются."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for municipality in Municipality.objects.all():
            for year in years_of(municipality):
                count += rebuild_totals(municipality=municipality, year=year)
        self.stdout.write(f"Итоги пересчитаны: {count}.")
