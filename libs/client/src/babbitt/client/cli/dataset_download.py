"""`babbitt datasets download`: public recordings by name."""

from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from babbitt.client.cli.output import Json, console, print_json
from babbitt.client.downloads import MOST_REDIRECTS, TIMEOUT, Downloads
from babbitt.client.public_sets import PUBLIC_SETS, PublicFile, PublicSet


def download(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"One of: {', '.join(PUBLIC_SETS)}.")],
    folder: Annotated[Path | None, typer.Option("--to", metavar="FOLDER", help="Else ./NAME.", file_okay=False)] = None,
    files: Annotated[str | None, typer.Option(help="Only these, separated by commas: 97,105.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Of a mirror with the same files.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Fetch public recordings from their publisher, and verify them. Run again, it goes on where it broke off.

    Example: babbitt datasets download cwru --to recordings/cwru
    """
    if (found := PUBLIC_SETS.get(name)) is None:
        raise typer.BadParameter(f"{name!r} is not known; known are {', '.join(PUBLIC_SETS)}")
    wanted = _chosen(found, files)
    url = (base_url or found.base_url).rstrip("/") + "/"
    if not url.startswith(("https://", "http://")):
        raise typer.BadParameter(f"--base-url: {url!r}; http:// or https:// is accepted")
    place = folder or Path(name)
    place.mkdir(parents=True, exist_ok=True)
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True, max_redirects=MOST_REDIRECTS) as http:
        brought = _fetched(Downloads(http, url, place), wanted)
    if as_json:
        print_json([{"name": one.name, "sha256": one.sha256, "brought": new} for one, new in brought.items()])
        return
    typer.echo(
        f"{len(brought)} files in {place}, {sum(brought.values())} of them brought now; all are what they must be"
    )
    typer.echo(f"{found.credit}.")
    typer.echo(f"Next: babbitt datasets import {place} --mapping {found.mapping} {found.split} --wait")


def _chosen(found: PublicSet, files: str | None) -> list[PublicFile]:
    if files is None:
        return list(found.files)
    by_name = {file.name.partition(".")[0]: file for file in found.files}
    asked = [name.strip().removesuffix(".mat") for name in files.split(",")]
    if unknown := [name for name in asked if name not in by_name]:
        raise typer.BadParameter(
            f"--files: {', '.join(unknown)}: there is no sum to verify it by; there is for {', '.join(by_name)}"
        )
    return [by_name[name] for name in dict.fromkeys(asked)]


def _fetched(downloads: Downloads, wanted: list[PublicFile]) -> dict[PublicFile, bool]:
    """Files, and whether they were brought now."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    out = console(stderr=True)
    brought: dict[PublicFile, bool] = {}
    with Progress(*columns, TimeRemainingColumn(), console=out, transient=True, disable=not out.is_terminal) as bar:
        task, before = bar.add_task("downloading", total=sum(file.size_bytes for file in wanted)), 0
        for file in wanted:
            bar.update(task, description=file.name)
            brought[file] = downloads.fetch(file, lambda done, before=before: bar.update(task, completed=before + done))
            before += file.size_bytes
    return brought
