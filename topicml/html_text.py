"""Text that may hold anything, as text within HTML."""

from __future__ import annotations

import html

# Controls and halves of surrogate pairs, which no document may hold, and what would turn the text around.
_UNSHOWN = dict.fromkeys(
    [
        *(set(range(0x20)) - set(b"\t\n\r")),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
        *(0xFFFE, 0xFFFF),
    ],
    "\ufffd",
)


def html_safe(text: str) -> str:
    r"""Return text that is text wherever it stands in HTML, also in a quoted attribute.

    >>> html_safe('<b title="x">&\x00')
    '&lt;b title=&quot;x&quot;&gt;&amp;�'
    """
    return html.escape(text.translate(_UNSHOWN), quote=True)
