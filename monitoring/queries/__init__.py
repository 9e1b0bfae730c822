"""Reads of the monitoring into frozen dataclasses that page, file and paper share."""
