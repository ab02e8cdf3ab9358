"""Tests of normsim; a package, so that no other distribution's `tests` comes first."""
