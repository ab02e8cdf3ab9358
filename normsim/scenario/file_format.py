"""The format of scenario files: its version, and what start and horizon may be."""

from __future__ import annotations

import datetime

FORMAT = 1
"""Version of the file format that this program reads and writes."""

RESOLVED = "# Resolved by normsim: the comment after a value says which file set it."
"""First line of a file that normsim wrote. It states the values of a regime that is off too, so none is warned of."""

FIRST_DAY = datetime.date(2008, 12, 1)
LAST_START = datetime.date(2100, 12, 31)
"""First and last day on which a scenario may start."""

MAX_MONTHS = 1200
"""Longest horizon in months."""
