"""``dideban scan``: files of posts in, a folder of findings out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from dideban.cli.console import usage_error
from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, file_options, gather, run_options


@click.command("scan", cls=Command)
@click.argument("posts", nargs=-1, required=True, type=click.Path())
@option("--out", type=click.Path(path_type=Path))
@file_options
@option("--affiliations", type=click.Path(path_type=Path))
@option("--after", type=click.Path(path_type=Path))
@option("--signatures", type=click.Path(path_type=Path))
@option("--media", type=click.Path(path_type=Path))
@option("--read-pictures", is_flag=True)
@option("--package-pictures", is_flag=True)
@option("--engine", metavar="local-cluster|sc://HOST")
@option("--partitions", type=int, default=0)
@option("--scratch")
@option("--tables")
@option("--plan", is_flag=True)
@option("--plan-posts", type=int, default=0)
@run_options
@gather
def command(
    posts: tuple[str, ...],
    out: Path | None,
    affiliations: Path | None,
    after: Path | None,
    signatures: Path | None,
    media: Path | None,
    read_pictures: bool,
    package_pictures: bool,
    engine: str | None,
    partitions: int,
    scratch: str | None,
    tables: str | None,
    plan: bool,
    plan_posts: int,
    shared: SharedOptions,
) -> None:
    """Find groups that act in concert in POSTS: files or folders in any known shape."""
    cluster = {"partitions": partitions, "scratch": scratch, "tables": tables, "plan": plan, "plan-posts": plan_posts}
    here = {
        "affiliations": affiliations, "signatures": signatures, "media": media, "read-pictures": read_pictures,
        "package-pictures": package_pictures,
    }  # fmt: skip
    _refuse(
        cluster if engine is None else here, "cli.usage.needs-engine" if engine is None else "cli.usage.not-on-engine"
    )
    if engine is not None and plan:
        click.echo(_plan(posts, partitions=partitions, n_posts=plan_posts, shared=shared), nl=False)
        return
    if out is None:
        context = click.get_current_context()
        raise click.MissingParameter(
            ctx=context, param=next(one for one in context.command.params if one.name == "out")
        )
    from dideban.cli.affiliation_option import affiliations_of
    from dideban.cli.console import language
    from dideban.cli.prepare import prepare_kernels
    from dideban.cli.summary import summarise

    reading = shared.reading()
    if engine is not None or all(Path(path).exists() for path in posts):
        prepare_kernels(reading["progress"])
    if engine is not None:
        from dideban.pipelines.cluster_scan import scan_on_cluster

        result = scan_on_cluster(
            posts, out=out, engine=engine, partitions=partitions, scratch=scratch or "", tables=tables or "",
            after=after, lang=language(), **reading,
        )  # fmt: skip
    else:
        from dideban.pipelines.scan import scan

        result = scan(
            list(posts), out=out, affiliations=affiliations_of(affiliations, config=reading["config"]), after=after,
            signatures=signatures, media=media, read_pictures=read_pictures,
            package_pictures=package_pictures, lang=language(), **reading,
        )  # fmt: skip
    if not shared.quiet:
        click.echo(summarise(result), nl=False)


def _refuse(options: Mapping[str, object], code: str) -> None:
    """Refuse options that go with the other way of scanning."""
    given = [name for name, value in options.items() if value]
    if given:
        raise usage_error(code, option=f"--{given[0]}")


def _plan(posts: tuple[str, ...], *, partitions: int, n_posts: int, shared: SharedOptions) -> str:
    from dideban.cli.cluster_plan import lines_of
    from dideban.cluster.inputs import find_inputs
    from dideban.cluster.plan import make_plan

    plan = make_plan(
        find_inputs(posts), config=shared.config(), partitions=partitions, n_posts=n_posts,
        mapping=shared.columns() or None,
    )  # fmt: skip
    return lines_of(plan)
