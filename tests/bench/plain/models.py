"""One row a school; no history, no versions, no checks: what django-import-export does by itself."""

from django.db import models

COLUMNS = 20


class PlainRow(models.Model):
    school = models.CharField(max_length=30, unique=True)

    def __str__(self) -> str:
        return self.school


for _number in range(COLUMNS):
    PlainRow.add_to_class(f"n{_number}", models.PositiveIntegerField())
