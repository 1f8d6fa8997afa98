"""Lines of a page that do not belong to its story: bylines, dates, credits, pointers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Furniture:
    """One piece of a line that does not belong to the story; its date, ISO 8601, may be that of a change."""

    kind: Literal["byline", "date", "noise"]
    text: str
    date: str | None = None
    updated: bool = False


def _one_of(*phrases: str) -> str:
    return f"(?:{'|'.join(phrases)})"


PROSE_WEIGHT = 60
"""From which weight on a line is as long as sentences of a story are; that of headlines is less."""

SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’»」』)）\]]*$")
IDEOGRAPH = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")

_PUNCTUATION = re.compile(r"[\W_]+")
_LONGEST = 160
_PARTS = re.compile(r"\s+[|•·]\s+|\t+|\s{3,}")

# Bylines -----------------------------------------------------------------------------------------
_AGENCY = _one_of(
    *("associated press", "thomson reuters", "reuters", "agence france-presse", "afp", "ap", "xinhua", "upi"),
    *("dpa", "ansa", "efe", "tass", "pti", "ani", "kyodo", "bloomberg", "anadolu", "al jazeera", "bbc news"),
    *("china daily", "(?:news )?agencies", "wire (?:reports?|services?)"),
    *("新华社", "新华网", "中新社", "中新网", "人民网", "路透社", "法新社"),
)
_SMALL_WORDS = _one_of(
    *("a", "an", "and", "our", "the", "own", "of", "in", "for", "at", "from", "to", "with", "&"),
    *(
        "de",
        "da",
        "del",
        "della",
        "di",
        "do",
        "dos",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "van",
        "von",
    ),
    *("der", "den", "ter", "y", "e", "und", "et"),
    *("staff", "reporters?", "correspondents?", "writers?", "editors?", "agencies", "agency", "desk", "news"),
    *("special", "foreign", "political", "contributors?", "columnists?"),
)
# A name's words begin with a capital, or belong to a script without capitals; a sentence's do not.
_NAME_WORD = _one_of(_SMALL_WORDS, r"[^\W\d_a-zà-öø-ÿ][\w.'’-]*")
# A full stop after a longer word ends a sentence, and after a shorter one belongs to "Jr." or "A."
_NAMES = rf"{_NAME_WORD}(?:,?\s+{_NAME_WORD}){{0,11}}(?<![^\W\d_]{{3}}\.)"
_BY = _one_of(
    r"(?:(?:[Ss]tory|[Ww]ritten|[Rr]eported|[Rr]eport|[Ww]ords|[Ee]dited|[Tt]ext)\s+)?[Bb]y",
    *("BY", "[Vv]on", "[Pp]ar", "[Pp]or"),
)
_BYLINES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BY}\s+{_NAMES}(?:\s*[(（][^()（）]*[)）])?,?",
        r"(?i:source|credit|author|editor|reporter|correspondent|writer|edited by)s?\s*[:：]\s*\S.*",
        r"(?:来源|來源|作者|记者|記者|编辑|編輯|责任编辑|責任編輯|责编|文|撰文|稿源)\s*[:：/]\s*\S.{0,60}",
        r"(?:本报|新华社|中新社|特约)?记者\s+\S{2,4}(?:\s\S{2,4}){0,2}",
        r"(?i:(?:by |from )?(?:(?:a|our|staff|special|own|foreign|senior|political|news) ){1,3}"
        r"(?:writers?|reporters?|correspondents?))",
        rf"[(（]?(?i:{_AGENCY})(?:\s*(?:,|/|&|and)\s*(?i:{_AGENCY}))*[)）]?",
        r"[(（][^()（）]{1,40}[)）]",
        r"(?i:(?:additional )?(?:reporting|writing|editing|compiled) by\s+.{2,140})",
    )
)

# Dates -------------------------------------------------------------------------------------------
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?" + (
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})(?!\d)\s*日?",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b",
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
        # Which of the two is the month, the page does not say: the line goes, the date stays unknown.
        r"\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})\b",
    )
)
_AROUND_DATE = _one_of(
    r"\b(?:last |first )?(?:updated?|published|posted|modified|created|filed|released)\b\s*[:：]?",
    r"\b(?:date|time)\s*[:：]",
    r"(?:发布|更新|发表|发稿)(?:于|时间|日期)?\s*[:：]?",
    r"(?:时间|日期)\s*[:：]",
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?",
    r"(?:星期|周)[一二三四五六日天]",
    r"t?\d{1,2}[:.：]\d{2}(?:[:.：]\d{2})?(?:\.\d+)?(?:\s*(?:z|[ap]\.?m)\b\.?)?",
    r"\b\d{1,2}\s*[ap]\.?m\b\.?",
    r"[+-]\d{2}:?\d{2}\b",
    r"\b(?:gmt|utc|bst|ist|e[sd]t|c[sd]t|p[sd]t|ces?t|hkt|sgt|(?:local|beijing) time)\b(?:[+-]\d{1,2})?",
    r"\b(?:\d+|an?|one) (?:second|minute|min|hour|day|week|month)s? ago\b",
    *(r"\b(?:on|at)\b", r"[,;()（）/–—-]", r"\s"),
)
_LEADING = re.compile(rf"{_AROUND_DATE}+", re.IGNORECASE)
_TRAILING = re.compile(rf"{_AROUND_DATE}+\Z", re.IGNORECASE)
_TELLS_TIME = re.compile(r"\d|\bago\b|publish|posted|updated", re.IGNORECASE)
_UPDATED = re.compile(r"updat|modif|更新", re.IGNORECASE)

# Counters, buttons, tags, rights ------------------------------------------------------------------
_COUNT = r"[\d.,]+\s*(?:[km]|万|亿)?\+?"
_COUNTED = _one_of(
    *(
        "comments?",
        "views?",
        "shares?",
        "likes?",
        "reads?",
        "reactions?",
        "repl(?:y|ies)",
        "retweets?",
        "votes?",
    ),
    *("min(?:ute)?s?(?: read)?", "条评论", "评论", "阅读", "浏览", "次浏览", "次阅读", "人参与"),
)
_BUTTON = _one_of(
    r"share(?: (?:this|on|via|with)(?: (?:article|story|page|friends))?)?",
    *(
        "tweet",
        "print",
        "e-?mail",
        "save",
        "like",
        "pin(?: it)?",
        "copy(?: link)?",
        "listen",
        "comments?",
        "bookmark",
    ),
    *(
        "follow(?: us)?",
        "subscribe",
        "facebook",
        "twitter",
        "linkedin",
        "whatsapp",
        "wechat",
        "weibo",
        "telegram",
    ),
    *("reddit", "messenger", "分享", "打印", "收藏", "评论", "字号", "大", "中", "小", "微信", "微博"),
)
_FILED = _one_of(
    *("section", "category", "categories", "filed (?:under|in)", "posted in", "topics?", "tags?", "tagged"),
    *("key ?words?", "channel", "desk", "栏目", "频道", "标签", "关键词", "关键字"),
)
_NOISE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _COUNT,
        rf"[(（]?{_COUNT}\s*{_COUNTED}[)）]?",
        rf"(?:{_COUNTED}|reading time)[数量]?\s*[:：(（]?\s*{_COUNT}(?:\s*min(?:ute)?s?)?[)）]?",
        rf"{_BUTTON}(?:[\s/,|:：]+{_BUTTON}|\s*[(（]?{_COUNT}[)）]?)*[:：]?",
        r"(?:[\w&'-]+\s){0,4}desk",
        rf"{_FILED}\s*[:：]\s*\S.*",
        r"(?:filed under|posted in|tagged)\s+\S.*",
        r"(?:©|copyright\b|\(c\)\s|版权).*",
        r".*(?:all rights reserved|版权所有|未经授权).*",
        r"(?:photo|picture|image|photograph|illustration)s?\s*(?:[:：/]|by\b|courtesy\b)\s*\S.*",
        r"(?:advertisement|advertising|sponsored|广告)",
    )
)
_POINTER = re.compile(
    _one_of(
        r"more (?:in|from|on|about|stories|news|headlines|articles)\b.{0,60}",
        r"(?:read (?:more|also|next)|see also)\b.{0,100}",
        r"related(?: (?:stories|articles|news|links|content|coverage|topics)\b.{0,40})?",
        r"you (?:may|might) (?:also )?like\b.{0,30}",
        r"most (?:read|viewed|popular|shared)\b.{0,40}",
        *("recommended(?: for you)?", "editor['’]?s'? picks?", "latest (?:news|stories)"),
        *("相关(?:新闻|阅读|报道|链接)", "延伸阅读", "推荐阅读", "热门新闻"),
    )
    + r"\s*[:：]?",
    re.IGNORECASE,
)
_PICTURE = (
    r"(?:(?:file|stock|handout)\s+)?(?:photo(?:graph)?|picture|image|illustration|graphic|video|credit)s?"
)
_CREDIT = re.compile(
    r"\s*[\[(（【]\s*"
    + _one_of(
        rf"{_PICTURE}\s*(?:(?:[/:：]|by\b|courtesy\b|credit\b|provided\b)[^\[\]()（）【】]*)?",
        rf"{_AGENCY}\s*(?:[/,:：-][^\[\]()（）【】]*|(?:file\s+)?photos?)?",
        r"[^\[\]()（）【】]{0,25}(?:摄|供图|资料图|[社网]发)",
    )
    + r"\s*[\])）】]\s*\Z",
    re.IGNORECASE,
)


def furniture_of(line: str) -> tuple[Furniture, ...]:
    """Return what a line holds if all of it is furniture; nothing if any of it may be the story's.

    >>> [(piece.kind, piece.date) for piece in furniture_of("By Ada Moss | Updated: 3 March 2016, 10:20 GMT")]
    [('byline', None), ('date', '2016-03-03')]
    >>> furniture_of("By Tuesday the water had reached the bridge.")
    ()
    """
    if len(line) > _LONGEST:
        return ()
    found: list[Furniture] = []
    for part in _PARTS.split(line):
        pieces = _pieces(part.strip())
        if not pieces:
            return ()
        found += pieces
    return tuple(found)


def weight(line: str) -> int:
    """Return the length, in which an ideograph weighs three letters.

    >>> weight("Rain"), weight("雨")
    (4, 3)
    """
    return len(line) + 2 * len(IDEOGRAPH.findall(line))


def folded(text: str, between: str = " ") -> str:
    """Return a name without case and punctuation, for which a mark stands between the words.

    >>> folded("Arts & Books"), folded("The Guardian", between="")
    ('arts books', 'theguardian')
    """
    return _PUNCTUATION.sub(between, text).strip().casefold()


def is_pointer(line: str) -> bool:
    """Return whether a line leads to other stories: ``More in Africa``, ``Related stories``."""
    return _POINTER.fullmatch(line) is not None


def without_credit(line: str) -> str:
    """Return a caption without the credit at its end.

    >>> without_credit("The ferry at its berth. [Photo/Agencies]")
    'The ferry at its berth.'
    """
    return _CREDIT.sub("", line)


def _pieces(part: str) -> list[Furniture]:
    if dated := _dated(part):
        return dated
    if any(pattern.fullmatch(part) for pattern in _NOISE):
        return [Furniture("noise", part)]
    if any(pattern.fullmatch(part) for pattern in _BYLINES):
        return [Furniture("byline", part)]
    return []


def _dated(part: str) -> list[Furniture]:
    """Take a date and the words around it off; what remains must be furniture as well."""
    found = min(filter(None, (pattern.search(part) for pattern in _DATES)), key=re.Match.start, default=None)
    if found is None:
        return [Furniture("date", part)] if _LEADING.fullmatch(part) and _TELLS_TIME.search(part) else []
    before, after = part[: found.start()], part[found.end() :]
    day = Furniture("date", part, _iso(found), bool(_UPDATED.search(before)))
    others: list[Furniture] = []
    for rest in (_trimmed(before), _trimmed(after)):
        pieces = _pieces(rest) if rest else []
        if rest and not pieces:
            return []
        others += pieces
    return [day, *others]


def _trimmed(text: str) -> str:
    leading = _LEADING.match(text)
    return _TRAILING.sub("", text[leading.end() :] if leading else text).strip()


def _iso(found: re.Match[str]) -> str | None:
    groups = found.groupdict()
    if not groups:
        return None
    month = groups["month"]
    number = int(month) if month.isdecimal() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(groups["year"]), number, int(groups["day"])).isoformat()
    except ValueError:
        return None
