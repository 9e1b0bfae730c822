"""The floor of the import's bench: a plain table of twenty numbers a school, brought in by django-import-export."""
