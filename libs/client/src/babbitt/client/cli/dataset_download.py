"""`babbitt datasets download`: public recordings by name, datasets by id."""

import re
from pathlib import Path
from typing import Annotated

import httpx
import typer

from babbitt.client.cli.folder_bar import shown
from babbitt.client.cli.gateway import connect
from babbitt.client.cli.output import Json, print_json
from babbitt.client.downloads import MOST_REDIRECTS, TIMEOUT, Downloads
from babbitt.client.public_sets import PUBLIC_SETS, PublicFile, PublicSet

_DATASET = re.compile("[0-9a-f]{64}")
SHORT_ID = 12
"""Characters of a dataset's id that its folder is called by where nobody says otherwise."""


def download(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"Public recordings, {', '.join(PUBLIC_SETS)}; or a dataset's id.")
    ],
    folder: Annotated[Path | None, typer.Option("--to", metavar="FOLDER", help="Else ./NAME.", file_okay=False)] = None,
    files: Annotated[
        str | None, typer.Option(help="Only these of the public ones, separated by commas: 97,105.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Of a mirror with the same public recordings.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Fetch public recordings from their publisher, or a dataset from here. Run again, it goes on where it broke off.

    Every file is verified. A dataset comes as the folder that training reads.

    Example: babbitt datasets download cwru --to recordings/cwru
    Example: babbitt datasets download 3f2a… --to data
    """
    if _DATASET.fullmatch(name):
        if files or base_url:
            raise typer.BadParameter("--files and --base-url are for public recordings: a dataset comes whole")
        _dataset(context, name, folder or Path(name[:SHORT_ID]), as_json=as_json)
        return
    if (found := PUBLIC_SETS.get(name)) is None:
        raise typer.BadParameter(f"{name!r} is not known; known are {', '.join(PUBLIC_SETS)}, and ids of datasets")
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


def _dataset(context: typer.Context, dataset_id: str, folder: Path, *, as_json: bool) -> None:
    with connect(context) as babbitt, shown("downloading") as arrived:
        filled = babbitt.download_dataset(dataset_id, folder, arrived=arrived)
    if as_json:
        print_json({"folder": str(folder), "files": filled.files, "brought": filled.brought})
        return
    typer.echo(f"{filled.files} files in {folder}, {filled.brought} of them brought now; all are what they must be")
    typer.echo(f"Next: python -m babbitt.training fit REQUEST.json --data {folder} --out FOLDER")


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
    brought: dict[PublicFile, bool] = {}
    total, before = sum(file.size_bytes for file in wanted), 0
    with shown("downloading") as arrived:
        for file in wanted:
            brought[file] = downloads.fetch(file, lambda done, before=before: arrived(before + done, total))
            before += file.size_bytes
    return brought
