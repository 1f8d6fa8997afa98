"""The terms that training may choose from, and how the chosen ones are written."""

from __future__ import annotations
