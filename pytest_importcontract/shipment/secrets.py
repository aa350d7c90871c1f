"""Values of variables that nobody is to read in a report, and texts without them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

from pytest_importcontract.contract.model import is_dotted_name

MASK = "***"
_OF_SECRETS = """
    AUTH BEARER CREDENTIAL CREDENTIALS DSN KEY KEYS OTP PASS PASSPHRASE PASSWD PEPPER PRIVATE PWD
    SALT SIGNATURE WEBHOOK
    """
_SECRET_WITHIN = re.compile("APIKEY|PASSWORD|SECRET|TOKEN")
# What a name ends with whose value is about a secret and is none.
_OF_OTHERS = """
    AGE ALG ALGORITHM ALGORITHMS AUDIENCE BACKEND CLASS COUNT DAYS DIR DOMAIN EMAIL ENABLED ENDPOINT
    EXPIRATION EXPIRES EXPIRY FILE HEADER HOST HOURS ISSUER LENGTH LIMIT METHOD MINUTES MODE MODULE
    NAME PATH PORT PREFIX REALM REGION REQUIRED SCHEME SCOPE SCOPES SECONDS SIZE SUFFIX TTL TYPE
    URI URL USER USERNAME VERSION
    """
# What stands in for a secret, or says something else, and stands in many a message.
_WORDS = """
    admin auto basic bearer change-me change_me changeme cookie debug default dev development
    disabled dummy enabled example false guest info insecure key local localhost missing model
    module name none null optional pass password placeholder prod production public required root
    secret session staging string test testing token true undefined unset user username value
    warning
    """
_SECRET = frozenset(_OF_SECRETS.split())
_ABOUT = frozenset(_OF_OTHERS.split())
_TRIVIAL = frozenset(_WORDS.split())
_LEAST = 4  # characters of a secret
_LEAST_NUMBER = 6
_APART = 8  # characters from which on a secret is found in the midst of a word, too
_CUT = 3  # characters of a secret that was cut off
_LINE = 16  # of a line of a secret that has several
_LONG = 20  # of what gives itself away
_HEX = 32
_BITS = 3.5  # of information in each of its characters
_CHUNK = re.compile(rf"[\w+=-]{{{_LONG},}}", re.ASCII)
_NUMBER = re.compile(r"[\d.,:+-]+")
_PATH = re.compile(r"(?:\.{0,2}|~)/(?!/)")
_URL = re.compile(r"[A-Za-z][\w.+-]*://")
_IN_URL = re.compile(r"://[^\s/:@]*:(?P<password>.+)@")
_IN_PAIRS = re.compile(r"(?i)(?:pass\w*|pwd|secret|token|\w*key)\s*=\s*(?P<value>[^\s;&]+)")
_CREDENTIALS = re.compile(r"(://[^\s/:@'\"<>]*:)(?!\*\*\*@)[^\s/@'\"<>]+(@)")
_GAP = re.compile(r"(?:\.{3}|…)(?:[^…\n]{0,60}…)?\s*")


class Secrets:
    """Takes out of texts what variables hold and nobody is to see.

    That is the value of a variable whose name says so (``API_KEY``, ``DB_PASSWORD``), a password in
    an address, and a long value that looks random. Numbers, paths, dotted names and plain words
    such as ``development`` stay: to mask those would spoil texts and hide nothing. A value counts
    in each form in which programs print it, and what is left of it where a text was cut.

    Args:
        env: the variables with their values.
        is_known: whether a word is no secret, whatever variable holds it: a module's name, without
            which an import error could not be read.
    """

    def __init__(self, env: Mapping[str, str], is_known: Callable[[str], bool]) -> None:
        found: dict[str, None] = {}
        for name, value in env.items():
            found.update(dict.fromkeys(_secrets_of(name, value)))
        secrets = (each for each in found if not (each.isidentifier() and is_known(each)))
        forms = {form for secret in secrets for form in _forms(secret)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._whole = re.compile("|".join(map(_pattern, self._forms))) if forms else None

    def hide(self, text: str) -> str:
        """The text with a mask for each secret, and for each password in an address."""
        if self._whole is not None:
            text = self._whole.sub(MASK, text)
            text = self._without_rests(text)
        return _CREDENTIALS.sub(rf"\g<1>{MASK}\g<2>", text) if "://" in text else text

    def _without_rests(self, text: str) -> str:
        """Without what is left of a secret before and behind a gap, and at the text's end."""
        parts: list[str] = []
        end = 0
        for gap in _GAP.finditer(text):
            parts += [self._head_and_tail(text[end : gap.start()], gap=bool(end)), gap[0]]
            end = gap.end()
        return "".join([*parts, self._head_and_tail(text[end:], gap=bool(end), ends=True)])

    def _head_and_tail(self, text: str, *, gap: bool, ends: bool = False) -> str:
        """Without the end of a secret at its beginning and the beginning of one at its end.

        Between two gaps may stand the midst of one, too.

        Args:
            text: what stands between two gaps.
            gap: whether there is one before it.
            ends: whether the whole text ends with it, which may be by chance.
        """
        if gap and not ends and len(text) >= _CUT and any(text in form for form in self._forms):
            return MASK
        if gap:
            most = max((_begun(form, text) for form in self._forms), default=0)
            text = f"{MASK}{text[most:]}" if most else text
        least = _APART if ends else _CUT
        bare = text.rstrip()
        most = max((_broken_off(form, bare) for form in self._forms), default=0)
        return f"{bare[:-most]}{MASK}{text[len(bare) :]}" if most >= least else text


def _begun(secret: str, text: str) -> int:
    """How many characters at the beginning of a text are the end of a secret, and of no word."""
    for size in range(min(len(secret) - 1, len(text)), _CUT - 1, -1):
        if text.startswith(secret[-size:]) and not text[size : size + 1].isalnum():
            return size
    return 0


def _broken_off(secret: str, text: str) -> int:
    """How many characters at the end of a text are the beginning of a secret, and of no word."""
    for size in range(min(len(secret) - 1, len(text)), _CUT - 1, -1):
        if text.endswith(secret[:size]) and not text[-size - 1 : -size].isalnum():
            return size
    return 0


def _pattern(form: str) -> str:
    """Finds the form; a short one where it stands for itself."""
    if len(form) >= _APART:
        return re.escape(form)
    return rf"(?<!\w){re.escape(form)}(?!\w)"


def _forms(secret: str) -> Iterator[str]:
    """The secret as programs print it."""
    yield secret
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for line in secret.splitlines()[1:] and secret.splitlines():
        if len(line) >= _LINE:
            yield line


def _secrets_of(name: str, value: str) -> Iterator[str]:
    """What of a variable's value is secret."""
    password = _IN_URL.search(value)
    if password is not None:
        yield value
        found = [password["password"], unquote(password["password"])]
    else:
        found = [match["value"] for match in _IN_PAIRS.finditer(value)]
        if not _is_trivial(value) and (found or names_a_secret(name)):
            yield value
    yield from (each for each in found if not _is_trivial(each))
    yield from (chunk for chunk in _CHUNK.findall(value) if _looks_random(chunk))


def names_a_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).upper().replace("-", "_").split("_")
    if "WEBHOOK" in parts:
        return True
    last = next((part for part in reversed(parts) if not part.isdigit()), "")
    if last in _ABOUT:
        return False
    return any(part in _SECRET or _SECRET_WITHIN.search(part) for part in parts)


def _is_trivial(value: str) -> bool:
    """Whether a value would not be secret whatever variable held it."""
    if len(value) < _LEAST or value.casefold() in _TRIVIAL:
        return True
    if _NUMBER.fullmatch(value):
        return sum(character.isdigit() for character in value) < _LEAST_NUMBER
    if _URL.match(value):
        return "@" not in value and "?" not in value and "hook" not in value
    return bool(_PATH.match(value)) or ("." in value and _is_of_words(value))


def _is_of_words(value: str) -> bool:
    return is_dotted_name(value) and not any(map(_looks_random, value.split(".")))


def _looks_random(chunk: str) -> bool:
    """Whether no person would have chosen it: long, of letters and digits, without a pattern."""
    if len(chunk) < _LONG or not any(map(str.isdigit, chunk)):
        return False
    if re.fullmatch(r"[0-9a-fA-F]+", chunk):
        return len(chunk) >= _HEX and any(map(str.isalpha, chunk))
    mixed = any(map(str.isupper, chunk)) and any(map(str.islower, chunk))
    turns = len(re.findall(r"(?<=\d)[A-Za-z]|(?<=[A-Za-z])\d", chunk))
    return (mixed or turns >= 4) and _bits(chunk) >= _BITS  # noqa: PLR2004, RUF100


def _bits(text: str) -> float:
    """Bits of information in each character, by how often each occurs (Shannon's entropy)."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
