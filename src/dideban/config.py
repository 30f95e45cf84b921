"""Settings of every stage: frozen, documented, digested.

Order of precedence: defaults < ``dideban.toml`` < ``DIDEBAN_*`` environment < command-line flags, merged once by the
command line. Library functions take the section they need as an argument and never look at the environment.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dideban.errors import ConfigError
from dideban.kinds import slugs
from dideban.messages import NOTHING, Message, cause_of

METHODS = ("synchrony", "threshold", "coortweet", "qut")


@dataclass(frozen=True, kw_only=True)
class IngestConfig:
    """How files become POSTS."""

    keep_ids: bool = False
    """Keep account ids as they are instead of keyed pseudonyms; recorded in every result."""
    max_reject_share: float = 0.5
    """A run whose rejected share of rows is larger stops with an error."""
    max_field_bytes: int = 10_000_000
    """A single field larger than this is rejected, not read into memory twice."""
    max_expand_ratio: float = 200.0
    """Compressed input that grows by more than this factor (past 64 MiB) is refused as a bomb."""
    chunk_rows: int = 500_000
    """Rows held in memory at a time while reading."""
    time_zone: str = "UTC"
    """Zone of times that carry none."""
    day_first: bool = False
    """Read 03/04/2024 as 3 April."""


@dataclass(frozen=True, kw_only=True)
class TraceConfig:
    """How POSTS become TRACES."""

    kinds: tuple[str, ...] = slugs(lambda kind: kind.by_default)
    """Object kinds to extract (docs/reference/kinds.md). ``domain`` is added on request: it is coarse."""
    min_text_chars: int = 40
    """Shorter normalised texts are not objects, unless they are rare."""
    short_texts: bool = True
    """Shorter texts are objects where they are rare in the data (docs/methods/text.md)."""
    min_hashtags: int = 3
    """Hashtag sequences shorter than this are not objects."""
    near_text: bool = True
    """Cluster near-duplicate texts; otherwise texts are equal only when their normal forms are."""
    quotes: bool = True
    """A quote hands the quoted post on: count it as a repost of it."""
    mentions: bool = False
    """Count accounts mentioned as reply targets. Off: naming the same public figure is no sign of concert."""
    media_distance: int = 6
    """Perceptual hashes of 64 bits that differ in this many bits or fewer are one picture; 0..7."""


@dataclass(frozen=True, kw_only=True)
class CoShareConfig:
    """The threshold rule (Giglietto et al. 2020; CooRTweet 2.1.3; QUT toolkit 1.5.2)."""

    window_s: float = 60.0
    """Longest gap of two shares, seconds, inclusive (Giglietto et al. 2020 use fractions of a minute)."""
    min_weight: int = 2
    """Fewest distinct objects a pair must co-share."""
    min_participation: int = 2
    """Accounts with fewer shares are left out (CooRTweet default)."""
    percentile: float | None = None
    """Where given, an edge is strong when its weight is above this quantile (CooRTweet ``edge_weight``)."""
    remove_loops: bool = True
    """CooRTweet ``remove_loops``."""


@dataclass(frozen=True, kw_only=True)
class GroupConfig:
    """How EDGES become GROUPS."""

    algorithm: str = "leiden"
    """``components`` or ``leiden``."""
    resolution: float = 1.0
    """Leiden resolution (modularity)."""
    min_size: int = 3
    """Fewest accounts of a group."""
    core: int = 2
    """k of the k-core kept before clustering: a member must be tied to at least two others."""


@dataclass(frozen=True, kw_only=True)
class ProofConfig:
    """The synchrony test (docs/methods/synchrony.md)."""

    scales_s: tuple[float, ...] = (10.0, 60.0, 600.0, 1800.0)
    """Windows tested in one pass, seconds."""
    n_splits: int = 2
    """Random divisions of time; each is used both ways round: one part proposes, the other proves."""
    max_size: int = 80
    """Largest group proposed."""
    max_groups: int = 50_000
    """Most groups tested per run; the least tied are cut, with a note."""
    n_shuffles: int = 1
    """Copies of the same data with accounts exchanged inside blocks that every run analyses beside the real one."""
    leads: bool = True
    """Look for leads too: groups whose objects no one else shares (docs/methods/leads.md)."""

    def __post_init__(self) -> None:
        if wrong := [scale for scale in self.scales_s if not 1e-3 <= scale <= 1e9]:
            raise ConfigError("config.no-length-of-time", key="proof.scales_s", value=wrong[0])
        for name, least, most in (("n_splits", 1, 500), ("max_size", 3, 4000), ("n_shuffles", 0, 1000)):
            if not least <= (value := getattr(self, name)) <= most:
                raise ConfigError("config.not-within", key=f"proof.{name}", value=value, least=least, most=most)
        if self.max_groups < 0:
            raise ConfigError("config.negative", key="proof.max_groups", value=self.max_groups)


@dataclass(frozen=True, kw_only=True)
class NarrativeConfig:
    """How posts become narratives (docs/methods/narratives.md). No part of Config: it changes no finding."""

    batch_h: float = 6.0
    """Posts are taken in by stretches of so many hours, counted from 1970."""
    batch_posts: int = 100
    """A stretch with fewer posts is taken in together with the next."""
    half_life_d: float = 2.0
    """Half-life of past posts, days."""
    least_likeness: float = 0.3
    """Least cosine of two texts of one batch that are neighbours."""
    resolution: float = 0.1
    """Least mean likeness inside a cluster of one batch (constant Potts model)."""
    join_likeness: float = 0.35
    """A younger narrative joins an older one at this cosine of their centres; shared pages count in."""
    least_mean: float = 0.2
    """Two narratives join only where the mean cosine of a text of one with a text of the other is so large: without
    it whatever is broad draws in everything."""
    least_meaning: float = 0.8
    """The same for vectors of meaning, where an embedder is given."""
    min_posts: int = 10
    """Narratives with fewer posts are counted, not listed."""
    min_accounts: int = 3
    """Narratives of fewer accounts are counted, not listed: no page is about one account."""
    burst_raise: float = 2.0
    """How many times its usual share of all posts a narrative has in a burst."""
    burst_gamma: float = 1.0
    """Price of a burst (Kleinberg 2002); higher finds fewer."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("batch_h", 0.1, 8760.0), ("half_life_d", 0.01, 3650.0), ("least_likeness", 0.05, 1.0),
            ("resolution", 0.001, 1.0), ("join_likeness", 0.1, 1.0), ("least_meaning", 0.1, 1.0),
            ("least_mean", 0.0, 1.0), ("batch_posts", 1, 10**9), ("min_posts", 1, 10**9), ("min_accounts", 3, 10**9),
            ("burst_raise", 1.01, 1000.0), ("burst_gamma", 0.0, 1000.0),
        ):  # fmt: skip
            if not low <= (value := getattr(self, name)) <= high:
                raise ConfigError("config.not-within", key=f"narratives.{name}", value=value, least=low, most=high)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that can change a result, and what runs it."""

    method: str = "synchrony"
    """One of METHODS."""
    fdr: float = 0.05
    """False discovery rate of the claims."""
    seed: int = 1
    """Seed of every random choice."""
    threads: int = 0
    """Threads; 0 = all cores. Never changes a result and is left out of the digest."""
    packages: int = 50
    """Most findings and leads, findings first, that get a package of their own; the tables contain all."""
    ingest: IngestConfig = field(default_factory=IngestConfig)
    traces: TraceConfig = field(default_factory=TraceConfig)
    coshare: CoShareConfig = field(default_factory=CoShareConfig)
    groups: GroupConfig = field(default_factory=GroupConfig)
    proof: ProofConfig = field(default_factory=ProofConfig)

    def __post_init__(self) -> None:
        for name, value in _whole_as_fractions(self).items():
            object.__setattr__(self, name, value)
        if self.method not in METHODS:
            raise ConfigError(
                "config.not-one-of",
                hint=_nearest(self.method, METHODS),
                key="method",
                value=self.method,
                allowed=METHODS,
            )
        if not 0 < self.fdr < 1:
            raise ConfigError("config.not-strictly-within", key="fdr", value=self.fdr, least=0, most=1)
        if self.seed < 0:
            raise ConfigError("config.negative", key="seed", value=self.seed)
        if self.packages < 0:
            raise ConfigError("config.negative", key="packages", value=self.packages)
        if self.coshare.window_s < 0:
            raise ConfigError("config.negative", key="coshare.window_s", value=self.coshare.window_s)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain nested dictionaries."""
        return dataclasses.asdict(self)

    def digest(self) -> str:
        """Return 16 hex digits that change when, and only when, a setting that can change a result does."""
        settings = self.to_dict()
        settings.pop("threads")
        text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _whole_as_fractions(section: Any) -> dict[str, Any]:
    """Return the fields whose whole numbers are written with a point: 300 and 300.0 are one setting."""
    changed: dict[str, Any] = {}
    for one in dataclasses.fields(section):
        value = getattr(section, one.name)
        if dataclasses.is_dataclass(value) and (inner := _whole_as_fractions(value)):
            changed[one.name] = dataclasses.replace(value, **inner)  # type: ignore[type-var]
        elif one.type == "tuple[float, ...]" and any(type(item) is int for item in value):
            changed[one.name] = tuple(map(float, value))
        elif one.type == "float" and type(value) is int:
            changed[one.name] = float(value)
    return changed


NOT_SETTINGS = ("DIDEBAN_ROOM_", "DIDEBAN_KEY", "DIDEBAN_CACHE", "DIDEBAN_LANG")
"""How variables begin that are no settings: the room, the key, the caches, the language of the terminal."""


def load_config(
    *,
    toml_path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Config:
    """Merge defaults, a TOML file, environment variables and flags into one Config.

    Parameters
    ----------
    toml_path : path
        A ``dideban.toml``; None = no file.
    environment : mapping
        ``DIDEBAN_FDR=0.1``, ``DIDEBAN_COSHARE__WINDOW_S=30`` (two underscores enter a section). Variables whose name
        starts with one of NOT_SETTINGS belong to others and are passed over.
    flags : mapping
        Dotted key to value, e.g. ``{"coshare.window_s": 30}``; None values are passed over.
    defaults : mapping
        Defaults of a command that differ from those of the settings; every other layer wins over them.

    Raises
    ------
    ConfigError
        A file that cannot be read, an unknown key (with the nearest name), or a value of the wrong type.
    """
    layers = setting_layers(toml_path=toml_path, environment=environment, flags=flags)
    return _build({**(defaults or {}), **{key: value for key, (value, _) in layers.items()}})


def setting_layers(
    *,
    toml_path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> dict[str, tuple[Any, str]]:
    """Return every key that some layer sets, with the value that counts and the layer it came from.

    Parameters
    ----------
    toml_path, environment, flags
        As in :func:`load_config`.

    Returns
    -------
    dict
        Key to (value as written, the name of the file, the name of the variable, or ``option``).
    """
    found: dict[str, tuple[Any, str]] = {}
    if toml_path is not None:
        found.update({key: (value, toml_path.name) for key, value in _flatten(_read_toml(toml_path)).items()})
    for name, text in sorted((environment or {}).items()):
        if name.startswith("DIDEBAN_") and not name.startswith(NOT_SETTINGS):
            key = name.removeprefix("DIDEBAN_").lower().replace("__", ".")
            found[key] = text, name
    found.update({key: (value, "option") for key, value in (flags or {}).items() if value is not None})
    return found


def config_keys() -> dict[str, type]:
    """Return every dotted key with its type: what a file, a variable or a flag may set."""
    keys: dict[str, type] = {}
    for name, hint in typing.get_type_hints(Config).items():
        if dataclasses.is_dataclass(hint):
            for inner, inner_hint in typing.get_type_hints(hint).items():
                keys[f"{name}.{inner}"] = inner_hint
        else:
            keys[name] = hint
    return keys


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib  # few runs have a file, and compiling its patterns takes a tenth of a second

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError("file.not-read", key=str(path), path=path, reason=cause_of(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("file.not-toml", key=str(path), path=path, detail=cause_of(error)) from error


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _nearest(name: str, names: typing.Iterable[str]) -> Message:
    close = difflib.get_close_matches(name, list(names), n=1)
    return Message("hint.did-you-mean", name=close[0]) if close else NOTHING


def _build(values: Mapping[str, Any]) -> Config:
    keys = config_keys()
    sections: dict[str, dict[str, Any]] = {}
    top: dict[str, Any] = {}
    for key, value in values.items():
        if key not in keys:
            hint = _nearest(key, keys) or Message("hint.settings")
            raise ConfigError("config.unknown-setting", hint=hint, key=key, value=value)
        parsed = _parse(key, value, keys[key])
        section, _, inner = key.rpartition(".")
        (sections.setdefault(section, {}) if section else top)[inner] = parsed
    hints = typing.get_type_hints(Config)
    return Config(**top, **{name: hints[name](**inner) for name, inner in sections.items()})


def _parse(key: str, value: Any, hint: Any) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if type(None) in options and (value is None or value == ""):
        return None
    kind = next(option for option in options if option is not type(None))
    try:
        if typing.get_origin(kind) is tuple:
            items = value.split(",") if isinstance(value, str) else list(value)
            inner = typing.get_args(kind)[0]
            return tuple(_scalar(item, inner) for item in items)
        return _scalar(value, kind)
    except (TypeError, ValueError) as error:
        raise ConfigError("config.wrong-kind", key=key, value=value, kind=_kind_name(kind)) from error


def _kind_name(kind: Any) -> Message:
    known = {bool: "bool", int: "int", float: "float", str: "str"}
    return Message(f"config.kind.{known.get(kind, 'tuple' if typing.get_origin(kind) is tuple else 'other')}")


def _scalar(value: Any, kind: type) -> Any:
    if kind is bool:
        if isinstance(value, bool):
            return value
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if str(value).strip().lower() not in words:
            raise ValueError(value)
        return words[str(value).strip().lower()]
    if kind is str:
        return str(value).strip()
    if isinstance(value, bool):
        raise TypeError(value)
    number = kind(value)
    if isinstance(value, float) and number != value:
        raise ValueError(value)
    if isinstance(number, float) and math.isnan(number):
        raise ValueError(value)
    return number
