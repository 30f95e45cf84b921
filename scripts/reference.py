"""The reference pages, written from the program itself: commands, settings, tables, errors, Python names."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import json
import re
import textwrap
import typing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "dideban"
MODULES = {
    "dideban": "What most people need.",
    "dideban.ingest": "Files to POSTS and REJECTS.",
    "dideban.traces": "POSTS to TRACES: who shared what, when.",
    "dideban.evidence": "TRACES to EDGES: the threshold rules, ours and the peers'.",
    "dideban.groups": "EDGES to GROUPS.",
    "dideban.proof": "TRACES to proved GROUPS: the synchrony test.",
    "dideban.findings": "GROUPS and PROOFS to findings in plain words.",
    "dideban.findings.narratives": "POSTS to narratives: what is discussed, since when, by how many.",
    "dideban.findings.copying": "Articles and posts: who holds whose words.",
    "dideban.report": "Findings to one page.",
    "dideban.store": "Finding packages, and checking them.",
    "dideban.exchange": "Spreadsheets and network files.",
    "dideban.simulate": "Sample posts and streams with known truth.",
    "dideban.text": "Texts: normal forms, near-duplicates, templates.",
    "dideban.graph": "Graphs on integer codes.",
}
"""Public modules in the order of the flow, each with a line."""
GENERATED = "<!-- Written by scripts/make_docs.py from the program: change that, then run `make docs`. -->"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", GENERATED, *parts]) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *[[_cell(cell) for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: str) -> str:
    return _links(" ".join(text.split())).replace("|", "\\|")


# Commands


def cli_page() -> str:
    """Every command with its options, as ``--help`` shows them."""
    import click

    from dideban.cli import COMMANDS, cli
    from dideban.messages import Message

    context = click.Context(cli, info_name="dideban", help_option_names=["-h", "--help"])
    parts = [
        "Every command with its arguments and options. `dideban COMMAND --help` shows the same. Results go to "
        "standard output or to the file or folder you name, progress and errors to standard error; what a command "
        "returns to the shell is in [exit-codes.md](exit-codes.md), what a settings file may hold in "
        "[settings.md](settings.md).",
        _table(
            ["command", "what it does"],
            [[f"[`{n}`](#dideban-{n})", str(Message(f"cli.command.{n}"))] for n in COMMANDS],
        ),
    ]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        parts += [f"## dideban {name}", *_command(command, click.Context(command, info_name=name, parent=context))]
    return _page("Commands", *parts)


def _command(command: Any, context: Any) -> list[str]:
    import click

    usage = command.get_usage(context).removeprefix("Usage: ")
    parts = [f"```text\n{' '.join(usage.split())}\n```", *_wrapped(command.help or "")]
    rows = []
    for option in command.get_params(context):
        if isinstance(option, click.Option):
            names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
            metavar = "" if option.is_flag else f" `{option.make_metavar(context)}`"
            rows.append([names + metavar, _help(option, context)])
    return [*parts, _table(["option", "meaning"], rows)]


def _wrapped(text: str) -> list[str]:
    return [textwrap.fill(part, 120) for part in text.split("\n\n")]


def _help(option: Any, context: Any) -> str:
    record = option.get_help_record(context)
    return str(record[1]) if record else ""


# Settings


def _attribute_docs(path: Path) -> dict[str, dict[str, str]]:
    """Class name to attribute name to the string below it; ``""`` holds names of the module itself."""
    found: dict[str, dict[str, str]] = {}
    tree = ast.parse(path.read_text("utf-8"))
    for owner, body in [("", tree.body), *[(c.name, c.body) for c in tree.body if isinstance(c, ast.ClassDef)]]:
        names: dict[str, str] = {}
        for one, after in itertools.pairwise(body):
            if not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)):
                continue
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                names[one.target.id] = str(after.value.value)
            elif isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                names[one.targets[0].id] = str(after.value.value)
        found[owner] = names
    return found


def settings_page() -> str:
    """Every setting with type, default and meaning."""
    from dideban.config import METHODS, Config

    docs = _attribute_docs(SOURCE / "config.py")
    hints = typing.get_type_hints(Config)
    sections = {name: kind for name, kind in hints.items() if hasattr(kind, "__dataclass_fields__")}
    top = [_setting(name, hint, Config(), docs["Config"]) for name, hint in hints.items() if name not in sections]
    head = ["setting", "type", "default", "meaning"]
    parts = [
        "Everything that can change a result has one place. Defaults < `dideban.toml` in the current folder (or the "
        "file given with `--config`) < environment variables < options of the command. `dideban config` prints what "
        "is in force, as a valid `dideban.toml`. An unknown setting is an error that names the nearest known one.",
        "A setting `section.name` is written `name = value` under `[section]` in `dideban.toml`, "
        "`DIDEBAN_SECTION__NAME` in the environment (two underscores), and `--set section.name=value` on the command "
        "line.",
        "The digest of the settings (16 hexadecimal digits) is stamped on every finding. It changes when, and only "
        "when, a setting that can change a result does; `threads` cannot.",
        f"## Top level\n\n{_table(head, top)}\n\nMethods: {', '.join(f'`{m}`' for m in METHODS)}.",
    ]
    for name, kind in sections.items():
        rows = [
            _setting(inner, hint, getattr(Config(), name), docs[kind.__name__], prefix=f"{name}.")
            for inner, hint in typing.get_type_hints(kind).items()
        ]
        parts.append(f"## `[{name}]`\n\n{inspect.getdoc(kind)}\n\n{_table(head, rows)}")
    parts.append(
        "## Not settings\n\n`DIDEBAN_KEY_FILE` names the file that holds the key of the pseudonyms (32 random bytes, "
        "made on first use, in your settings folder unless told otherwise). It is no setting because it must never be "
        "written into a result."
    )
    return _page("Settings", *parts)


def _setting(name: str, hint: Any, owner: Any, docs: dict[str, str], *, prefix: str = "") -> list[str]:
    value = getattr(owner, name)
    shown = json.dumps(list(value) if isinstance(value, tuple) else value) if value is not None else "not set"
    return [f"`{prefix}{name}`", _type(hint), f"`{shown}`", docs.get(name, "")]


def _type(hint: Any) -> str:
    words = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    if typing.get_origin(hint) is tuple:
        return f"list of {words[typing.get_args(hint)[0]]}s"
    if isinstance(hint, type):
        return words[hint]
    return " or ".join("not set" if one is type(None) else words[one] for one in typing.get_args(hint))


# Tables


def tables_page() -> str:
    """Every table with its columns."""
    from dideban.schema import TABLES

    docs = _attribute_docs(SOURCE / "schema.py")[""]
    parts = [
        "Every table that passes between stages, as `src/dideban/schema.py` describes it. Times are UTC with "
        "microseconds. A post is named across tables as `platform/post_id`. An account id is a keyed "
        "pseudonym unless ids are kept.",
    ]
    for table in TABLES:
        rows = [
            [f"`{c.name}`", f"`{_dtype(table.dtypes[c.name])}`", "may be empty" if c.nullable else "", c.meaning]
            for c in table.columns
        ]
        note = f"\n\n{docs[table.name]}" if table.name in docs else ""
        parts.append(f"## {table.name}\n\n{_table(['column', 'type', '', 'meaning'], rows)}{_links(note)}")
    return _page("Tables", *parts)


def kinds_page() -> str:
    """Every kind of object, as its record says."""
    from dideban.kinds import KINDS

    sources = {
        "": "–",
        "site": "the site it stands on; where anybody publishes, the channel, or nobody",
        "author": "its author, where seen",
        "linked": "the site that half or more of its posts link to, if any",
    }
    rows = [
        [
            f"`{kind.slug}`" + ("" if kind.by_default else " (on request)"), kind.meaning, kind.named, kind.born or "–",
            sources[kind.origin], ", ".join(technique.code for technique in kind.techniques),
        ]
        for kind in KINDS
    ]  # fmt: skip
    about = (
        "What can be shared, as `src/dideban/kinds.py` lists it: whoever lists kinds asks there, so a new kind is a "
        "record and the module that finds its objects. How each is found: [traces](../methods/traces.md)."
    )
    head = ["kind", "the object", "named", "born", "comes from", "DISARM techniques it suggests"]
    return _page("Kinds of object", about, _table(head, rows))


def _dtype(dtype: Any) -> str:
    text = str(dtype)
    if text.startswith("Enum"):
        return "Enum"
    return text.replace("Datetime(time_unit='us', time_zone='UTC')", "instant")


def _links(text: str) -> str:
    return text.replace("``", "`")


# Errors


def _tree() -> list[type]:
    """The error classes, base first."""
    from dideban import errors

    classes = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, errors.DidebanError)]
    return sorted(classes, key=lambda c: (c.exit_code, len(c.__mro__)))


def errors_page() -> str:
    """The error tree."""
    from dideban import errors

    drawing = inspect.cleandoc(errors.__doc__ or "").split("\n\n")[1]
    rows = [
        [f"`{c.__name__}`", f"`{c.code}`", str(c.exit_code), (inspect.getdoc(c) or "").splitlines()[0], _fields(c)]
        for c in _tree()
    ]
    return _page(
        "Errors",
        "Everything that can go wrong for a person belongs to one tree. The command line prints one line, a hint where "
        "there is one, and returns the exit code; a Python caller catches `dideban.errors.DidebanError` or a branch of "
        "it. Anything outside the tree is a bug: please report it.",
        f"```text\n{drawing}\n```",
        _table(["error", "code", "exit", "meaning", "fields beside `message` and `hint`"], rows),
        "Rows that cannot be used are no errors: they are set aside in `rejects.csv` with a reason "
        "([inputs.md](inputs.md)), and the summary of the run counts them.",
    )


def _fields(kind: type) -> str:
    names = [n for n in inspect.signature(kind).parameters if n not in ("message", "hint")]
    return ", ".join(f"`{name}`" for name in names)


def exit_codes_page() -> str:
    """What a command returns to the shell."""
    rows = [["0", "done, with or without findings"], ["2", "the command was called in a way it does not know"]]
    seen: set[int] = set()
    for kind in _tree():
        if kind.exit_code > 1 and kind.exit_code not in seen:
            seen.add(kind.exit_code)
            rows.append([str(kind.exit_code), f"{(inspect.getdoc(kind) or '').splitlines()[0]} (`{kind.__name__}`)"])
    rows.append(["130", "stopped with Ctrl-C; nothing half-written is left behind"])
    return _page(
        "Exit codes",
        "What a command returns to the shell. Programs may rely on these numbers.",
        _table(["code", "meaning"], rows),
        "`dideban scan` returns 0 when it finds nothing: that is a result. `dideban verify` returns 0 only if every "
        "hash and every number of the package holds, else 14. Any other code is a bug: please report it.",
    )


# Python


def public_names(module: str) -> list[str]:
    """Names that a module offers, in order."""
    return [name for name in importlib.import_module(module).__all__ if not name.startswith("__")]


def python_page() -> str:
    """Every public name with its docstring."""
    parts = [
        "`import dideban` is enough for a scan; each stage can also be used alone, tables in, tables out "
        "([tables.md](tables.md)). Arguments after the first are by keyword. What is not listed here is private and "
        "may change without notice.",
        _table(
            ["module", "what", "names"],
            [
                [f"[`{m}`](#{m.replace('.', '')})", line, ", ".join(f"`{n}`" for n in public_names(m))]
                for m, line in MODULES.items()
            ],
        ),
    ]
    for module, line in MODULES.items():
        parts += [f"## {module}", line]
        home = importlib.import_module(module)
        parts += [_name(module, name, getattr(home, name)) for name in public_names(module)]
    return _page("Python", *parts)


def _name(module: str, name: str, value: Any) -> str:
    if inspect.isclass(value):
        return f"### {module}.{name}\n\n{_class(value)}"
    if callable(value):
        doc = _docstring(inspect.getdoc(value) or "")
        return f"### {module}.{name}\n\n```python\n{_signature(name, value)}\n```\n\n{doc}"
    return f"### {module}.{name}\n\n{_constant(module, name, value)}"


def _constant(module: str, name: str, value: Any) -> str:
    shown = json.dumps(list(value) if isinstance(value, tuple | dict) else value)
    for path in sorted((SOURCE / module.removeprefix("dideban").strip(".")).glob("*.py")):
        if name in (docs := _attribute_docs(path)[""]):
            return f"`{shown}`\n\n{_links(docs[name])}"
    return f"`{shown}`"


def _class(kind: type) -> str:
    path = Path(inspect.getfile(kind))
    docs = _attribute_docs(path).get(kind.__name__, {})
    doc = inspect.getdoc(kind) or ""
    parts = [] if doc.startswith(f"{kind.__name__}(") else [_docstring(doc)]
    fields = getattr(kind, "__dataclass_fields__", {})
    if fields:
        rows = [[f"`{n}`", f"`{f.type}`", _links(docs.get(n, ""))] for n, f in fields.items()]
        parts.append(_table(["field", "type", "meaning"], rows))
    methods = [(n, m) for n, m in vars(kind).items() if not n.startswith("_") and not n.isupper() and n not in fields]
    rows = [[_member(n, m), _links(((inspect.getdoc(_plain(m)) or "").splitlines() or [""])[0])] for n, m in methods]
    if rows:
        parts.append(_table(["member", "meaning"], rows))
    return "\n\n".join(part for part in parts if part)


def _plain(member: Any) -> Any:
    return getattr(member, "__func__", member)


def _member(name: str, member: Any) -> str:
    return f"`{name}()`" if callable(_plain(member)) else f"`{name}`"


def _signature(name: str, function: Any) -> str:
    """One parameter per line where the whole would be too long."""
    signature = inspect.signature(function)
    shown = [_parameter(p) for p in signature.parameters.values()]
    first_keyword = next((i for i, p in enumerate(signature.parameters.values()) if p.kind is p.KEYWORD_ONLY), None)
    if first_keyword is not None:
        shown.insert(first_keyword, "*")
    returns = f" -> {signature.return_annotation}" if signature.return_annotation is not signature.empty else ""
    line = f"{name}({', '.join(shown)}){returns}"
    return line if len(line) <= 100 else f"{name}(\n    " + ",\n    ".join(shown) + f",\n){returns}"


def _parameter(parameter: inspect.Parameter) -> str:
    text = f"{parameter.name}: {parameter.annotation}"
    if parameter.default is parameter.empty:
        return text
    default = "SILENT" if parameter.name == "progress" else repr(parameter.default)
    return f"{text} = {default}"


def _docstring(text: str) -> str:
    """Turn numpydoc into Markdown: sections become bold words, entries become list items."""
    out: list[str] = []
    lines = [re.sub(r":\w+:`~?([^`]+)`", r"`\1`", _links(line)) for line in text.splitlines()]
    section, i = "", 0
    while i < len(lines):
        if i + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[i + 1].strip()) and lines[i].strip():
            section = lines[i].strip()
            out += ["", f"**{section}**", ""]
            i += 2
            continue
        out.append(_line(lines[i], section))
        i += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip()


def _line(line: str, section: str) -> str:
    if section == "Examples":
        return f"    {line}" if line.strip() else ""
    if section not in ("Parameters", "Returns", "Raises", "Attributes") or not line.strip():
        return line
    if line.startswith(" "):
        return f"      {line[8:]}" if line.startswith(" " * 8) else f"  {line.strip()}"  # deeper lines are code
    name, colon, kind = line.partition(" : ")
    return f"- `{name}`: {kind}  " if colon else f"- {line}  "
