"""Tests of the browser page: what it does without a browser, and in one."""
