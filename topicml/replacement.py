"""What a model's record says of the model that it replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topicml.formatting import counted
from topicml.previous_models import RECORD

_SHOWN = 12


def replacement_lines(provenance: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Say which model one replaced, and what both scored on articles that neither had seen, in one line.

    The model compared was trained without those articles; the one that is described learned from them, too.

    Parameters
    ----------
    provenance : mapping of str to object
        Of a model.
    names : mapping of str to str
        What people call the measures.

    Returns
    -------
    list of str
        A line of Markdown, or none if the model replaced no other.
    """
    record = provenance.get(RECORD)
    if not record:
        return []
    compared = record["comparison"]
    found = compared["differences"][compared["measure"]]
    low, high = found["interval"]
    return [
        f"- trained anew, in place of the model `{record['replaced'][:_SHOWN]}`: "
        f"{names[compared['measure']]} {found['a']:.3f} -> {found['b']:.3f} (difference "
        f"{found['difference']:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}) on "
        f"{counted(compared['n'], 'article')} held out"
    ]
