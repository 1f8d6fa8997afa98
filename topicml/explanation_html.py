"""An explanation as a notebook shows it: the text with its words marked, and the strongest terms below."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from topicml.formatting import html_safe
from topicml.highlighting import Stretch, stretches

if TYPE_CHECKING:  # explanations import this module
    from topicml.explanation import Evidence, Explanation


# Shades that let through what is below: the notebook's own letters stay readable on them, dark on light
# or light on dark. What speaks against is underlined, too, for those who do not see red from green.
_FOR, _AGAINST = "22,163,74", "220,38,38"
_FAINTEST, _SHADES = 0.1, 0.45
_UNSEEN = 0.05  # weaker stretches are left plain
_TOLD = 6  # terms in a tooltip
_SHOWN = 50_000  # characters of the text: a page of many more would stop the notebook


def explanation_html(explanation: Explanation) -> str:
    """Return an explanation as HTML that stands by itself: no script, no style sheet, nothing loaded.

    Parameters
    ----------
    explanation : Explanation

    Returns
    -------
    str
        One ``div``.
    """
    marked = "".join(map(_marked, stretches(_beginning(explanation))))
    left_out = len(explanation.text) - _SHOWN
    more = f'<div style="opacity:.75">and {left_out:,} more characters</div>' if left_out > 0 else ""
    supporting, opposing = explanation.supporting, explanation.opposing
    largest = max((abs(found.contribution) for found in (*supporting[:1], *opposing[:1])), default=0.0)
    tables = _table("for", supporting, _FOR, largest) + _table("against", opposing, _AGAINST, largest)
    return (
        '<div style="max-width:60em;line-height:1.6">'
        f"<div><b>{html_safe(explanation.label)}</b>: probability {explanation.probability:.1%}, score "
        f"{explanation.score:+.3f} (intercept {explanation.intercept:+.3f})</div>"
        f'<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;margin:.5em 0">{marked}</div>'
        f"{more}"
        f'<div style="display:flex;flex-wrap:wrap;gap:0 2em">{tables or "no term of the text is known"}</div>'
        "</div>"
    )


def _beginning(explanation: Explanation) -> Explanation:
    """Return the explanation with the first characters of its text alone, and the places in them."""
    if len(explanation.text) <= _SHOWN:
        return explanation
    evidence = tuple(
        replace(found, spans=tuple((start, min(end, _SHOWN)) for start, end in found.spans if start < _SHOWN))
        for found in explanation.evidence
    )
    return replace(explanation, text=explanation.text[:_SHOWN], evidence=evidence)


def _marked(stretch: Stretch) -> str:
    text = html_safe(stretch.text)
    if abs(stretch.strength) < _UNSEEN:
        return text
    told = [f"{found.term} {found.contribution:+.3f}" for found in stretch.evidence[:_TOLD]]
    more = len(stretch.evidence) - _TOLD
    tooltip = html_safe("\n".join([*told, f"and {more} more"] if more > 0 else told))
    line = ";border-bottom:1px dotted" if stretch.strength < 0 else ""
    style = f"color:inherit;border-radius:.2em;{_shade(stretch.strength)}{line}"
    return f'<mark title="{tooltip}" style="{style}">{text}</mark>'


def _shade(strength: float) -> str:
    """Return a background.

    >>> _shade(1.0), _shade(-0.5)
    ('background:rgba(22,163,74,0.55)', 'background:rgba(220,38,38,0.33)')
    """
    colour = _FOR if strength > 0 else _AGAINST
    return f"background:rgba({colour},{_FAINTEST + _SHADES * abs(strength):.2f})"


def _table(heading: str, evidence: tuple[Evidence, ...], colour: str, largest: float) -> str:
    if not evidence:
        return ""
    rows = "".join(_row(found, largest, colour) for found in evidence)
    return f'<div><div style="opacity:.75">{heading}</div>{rows}</div>'


def _row(found: Evidence, largest: float, colour: str) -> str:
    width = 6 * abs(found.contribution) / largest
    return (
        '<div style="display:flex;gap:.6em;align-items:center">'
        f'<span style="font-family:monospace">{found.contribution:+.3f}</span>'
        f'<span style="width:6em"><span style="display:block;height:.7em;width:{width:.2f}em;'
        f'background:rgba({colour},.55)"></span></span>'
        f"<bdi>{html_safe(found.term)}</bdi></div>"
    )
