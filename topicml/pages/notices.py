"""What stands on pages of news and is no news: hidden text, notices, pointers, pages that only say no."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_HIDDEN = (
    "//body//*[self::template or self::textarea or @hidden or @style["
    "contains(translate(., 'DISPLAYNOE \t\n', 'displaynoe'), 'display:none')]]"
)
# In either case: Cookie, Consent, readAlso, Lire-aussi.
_MARKS = re.compile(
    "ookie|onsent|gdpr|GDPR|ead[-_]?[aA]lso|lso-read|ire-?[aA]ussi|esen-sie-auch|eggi-anche|ea-tambien|eia-tambem"
)
_BLOCKS = ("div", "section", "aside", "p", "ul")
_MANY = 60  # elements within one that is no notice but a page with one
_LITTLE = 100  # characters, which are no story
_LONGEST_POINTER = 250  # characters, a headline with its teaser
_READ_ALSO = re.compile(
    r"\W*(?:read (?:also|more|next|this)|also read|see also|more on this|don['’]t miss"
    r"|related(?: stor(?:y|ies))?|lesen sie (?:auch|hier|mehr|dazu)|mehr zum thema|auch interessant"
    r"|lire aussi|[àa] lire(?: aussi)?"
    r"|voir aussi|lea? (?:tambi[ée]n|m[áa]s)|lee tambi[ée]n|leia (?:tamb[ée]m|mais)|leggi anche|lees ook"
    r"|l[äa]s (?:också|mer|även)|les også|læs også|czytaj (?:też|także|również)|читайте также|читати також"
    r"|相关阅读|延伸阅读|推荐阅读|あわせて読みたい)\s*[:：]",
    re.IGNORECASE,
)
_LONGEST_REFUSAL = 1_000  # characters; longer texts are about something
_LONGEST_WALL = 4_000  # of consent, with its list of purposes
_TITLE_PARTS = re.compile(r"\s+[|·•»–—:-]\s+|\s*\|\s*|:\s+")
_REFUSALS = re.compile(
    r"\W*(?:(?:(?:http |server )?(?:error|fehler|erreur) ?)?(?:40[0-9]|410|429|50[0-4])"
    r"(?: ?[-–:,.!]? ?(?:error|not found|forbidden|gone|fehler|page not found|bad gateway"
    r"|internal server error|service unavailable|too many requests))?"
    r"|(?:the |this )?page (?:you requested )?(?:could not be |cannot be |was |is )?"
    r"(?:not found|not available|unavailable|no longer available|missing)|page can['’]t be found|not found"
    r"|(?:die )?seite (?:wurde )?(?:leider )?nicht (?:gefunden|verfügbar)"
    r"|(?:cette )?page (?:est )?(?:introuvable|non trouvée)"
    r"|p[áa]gina no encontrada|p[áa]gina não encontrada|pagina non trovata|pagina niet gevonden"
    r"|sidan (?:kunde inte hittas|hittades inte)|siden (?:blev ikke fundet|finnes ikke)"
    r"|nie znaleziono strony|strona nie została znaleziona|страница не найдена|сторінку не знайдено"
    r"|sayfa bulunamadı|页面不存在|页面未找到|找不到页面|ページが見つかりません"
    r"|access denied|forbidden|just a moment|attention required|pardon our interruption|are you a robot"
    r"|checking your browser|security check|captcha|service unavailable|bad gateway|zugriff verweigert"
    r"|accès refusé|acceso denegado)\W*",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"cookie|consent|einwillig|zustimm|consentimiento|consenso|toestemming|traceurs", re.IGNORECASE
)
_ASKED = re.compile(
    r"before you continue|bevor sie (?:fortfahren|weiter)|avant de (?:continuer|poursuivre)"
    r"|antes de continuar|prima di continuare|voordat (?:je|u) (?:verdergaat|doorgaat)"
    r"|\b(?:we and our|wir und unsere|nous et nos|nosotros y nuestros|n[óo]s e os nossos|noi e i nostri"
    r"|wij en onze|our (?:\d+ )?(?:partners|vendors)|unsere[nr]? (?:\d+ )?(?:partner|drittanbieter)"
    r"|nos (?:\d+ )?partenaires|nuestros (?:\d+ )?socios|onze (?:\d+ )?partners)\b",
    re.IGNORECASE,
)


def drop_unseen(tree: HtmlElement) -> None:
    """Take out what readers do not see, and what asks them for consent or points to other stories.

    What holds most of a page's text is not taken out: scripts unveil some stories as a whole.
    """
    whole: tuple[int, int] | None = None
    for element in dict.fromkeys((*tree.xpath(_HIDDEN), *_notices(tree))):  # a notice may be hidden, too
        sizes = _sizes(element)
        if sizes[0] > _LITTLE:
            whole = whole or _sizes(tree)
            if any(2 * size >= most > 0 for size, most in zip(sizes, whole, strict=True)):
                continue
        element.drop_tree()


def _notices(tree: HtmlElement) -> list[HtmlElement]:
    """Return what is marked as a notice; XPath would take six times as long."""
    marked = [
        element
        for element in tree.iter(*_BLOCKS)
        if _MARKS.search(element.get("class") or "") or _MARKS.search(element.get("id") or "")
    ]
    return [element for element in marked if element.xpath("count(descendant::*)") < _MANY]


def _sizes(element: HtmlElement) -> tuple[int, int]:
    """Return how much text there is, and how much of it in paragraphs."""
    paragraphs = sum(len(text) for paragraph in element.iter("p") for text in paragraph.itertext())
    return sum(map(len, element.itertext())), paragraphs


def is_read_also(line: str) -> bool:
    """Return whether a line of a story points to another story.

    >>> is_read_also("Read also: Bank cuts its rate"), is_read_also("Read also what she wrote.")
    (True, False)
    """
    return len(line) <= _LONGEST_POINTER and _READ_ALSO.match(line) is not None


def notice(lines: Sequence[str], titles: Iterable[str]) -> str:
    """Return what a page is that has no article although its status is 200; empty if it may have one.

    >>> notice(["It may have been moved."], ["Page not found | Harbour Daily"])
    'it only says that there is no such page, or no way to it'
    """
    text = "\n".join(lines)
    if len(text) <= _LONGEST_WALL and _CONSENT.search(text) and _ASKED.search("\n".join([*titles, text])):
        return "it only asks for consent"
    parts = [part for title in (*titles, *lines[:2]) for part in _TITLE_PARTS.split(title)]
    if len(text) <= _LONGEST_REFUSAL and any(map(_REFUSALS.fullmatch, parts)):
        return "it only says that there is no such page, or no way to it"
    return ""
