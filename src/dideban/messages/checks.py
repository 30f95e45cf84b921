"""What is wrong with a catalogue: missing sentences, wrong placeholders, plural forms that fall short.

Run it on a new language: ``python -m dideban.messages.checks src/dideban/messages/catalogue/de.toml``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from dideban.messages.catalogues import FALLBACK, FOLDER, Catalogue, CatalogueError, read_catalogue
from dideban.messages.clean import FSI, LRI, PDI
from dideban.messages.locales import REQUIRED_NOUNS, Forms
from dideban.messages.message import is_code
from dideban.messages.rendering import Placeholder, deciding, parse

_LIST_KEYS = {"comma", "and", "or"}
_EXACT = re.compile(r"=\d+")
_HIDDEN = re.compile(f"[\u202a-\u202e\u2067{FSI}{LRI}{PDI}]")


def check_catalogue(catalogue: Catalogue, *, reference: Catalogue) -> list[str]:
    """Return what is wrong with a catalogue, each as a line; empty when it is complete.

    Parameters
    ----------
    catalogue : Catalogue
        The one to check.
    reference : Catalogue
        The English one: it says which codes there are and what their sentences name.
    """
    return [
        *_check_locale(catalogue),
        *(f"{code}: missing" for code in reference.texts if code not in catalogue.texts),
        *(f"{code}: not in the English catalogue" for code in catalogue.texts if code not in reference.texts),
        *(problem for code in catalogue.texts for problem in _check_text(code, catalogue, reference)),
    ]


def placeholders(forms: Forms) -> dict[str, Placeholder]:
    """Return every value that a sentence names, and the one that chooses its form."""
    fields = [part for text in _texts(forms) for part in parse(text) if isinstance(part, Placeholder)]
    chooses = [] if isinstance(forms, str) else [Placeholder(deciding(forms))]
    return {field.name: field for field in [*chooses, *fields]}


def _texts(forms: Forms) -> list[str]:
    return [forms] if isinstance(forms, str) else [text for name, text in forms.items() if name != "by"]


def _check_locale(catalogue: Catalogue) -> Iterator[str]:
    locale = catalogue.locale
    if locale.lists.keys() != _LIST_KEYS:
        yield f"locale.lists: needs {', '.join(sorted(_LIST_KEYS))}"
    if "{n}" not in locale.percent_sign or "{text}" not in locale.quotes:
        yield "locale: percent_sign holds {n}, quotes holds {text}"
    yield from (f"nouns.{noun}: missing" for noun in REQUIRED_NOUNS if noun not in locale.nouns)
    for noun, forms in locale.nouns.items():
        yield from _check_forms(f"nouns.{noun}", forms, catalogue)
        if any(set(re.findall(r"\{(.*?)\}", text)) - {"n", "n:spelled"} for text in _texts(forms)):
            yield f"nouns.{noun}: names something else than {{n}}"


def _check_forms(code: str, forms: Forms, catalogue: Catalogue) -> Iterator[str]:
    if isinstance(forms, str):
        return
    categories = catalogue.locale.plurals.categories
    yield from (f"{code}: no form for {name!r}" for name in categories if name not in forms)
    known = {*categories, "by"}
    yield from (f"{code}: no such form: {name!r}" for name in forms if name not in known and not _EXACT.fullmatch(name))


def _check_text(code: str, catalogue: Catalogue, reference: Catalogue) -> Iterator[str]:
    forms = catalogue.texts[code]
    if not is_code(code):
        yield f"{code}: not a code"
    yield from _check_forms(code, forms, catalogue)
    if any(_HIDDEN.search(text) for text in _texts(forms)):
        yield f"{code}: holds direction controls; they are put in where a value needs them"
    if any(not text.strip() for text in _texts(forms)):
        yield f"{code}: an empty text"
    try:
        named = placeholders(forms)
    except ValueError as error:
        yield f"{code}: {error}"
        return
    for field in named.values():
        if field.noun and field.noun not in catalogue.locale.nouns:
            yield f"{code}: no noun {field.noun!r}"
    yield from _compare(code, named, reference)


def _compare(code: str, named: Mapping[str, Placeholder], reference: Catalogue) -> Iterator[str]:
    if code not in reference.texts:
        return
    try:
        expected = placeholders(reference.texts[code])
    except ValueError:  # reported where the English catalogue is checked
        return
    yield from (f"{code}: does not name {{{name}}}" for name in sorted(expected.keys() - named.keys()))
    yield from (f"{code}: names {{{name}}}, which is not given" for name in sorted(named.keys() - expected.keys()))


def main(paths: list[str]) -> int:
    """Check catalogues by path, all that there are where none is named; return how many have something wrong."""
    english = read_catalogue(FOLDER / f"{FALLBACK}.toml")
    n_bad = 0
    for path in [Path(name) for name in paths] or sorted(FOLDER.glob("*.toml")):
        try:
            problems = check_catalogue(read_catalogue(path), reference=english)
        except CatalogueError as error:
            problems = [str(error)]
        sys.stdout.write("".join(f"{path.name}: {problem}\n" for problem in problems))
        n_bad += bool(problems)
    return n_bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
