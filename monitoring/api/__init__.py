"""The read-only API for programs: schools, values of indicators, the catalogue, the checks (docs/api.md)."""
