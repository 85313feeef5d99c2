"""`babbitt datasets`: made, looked at, cared for."""

import typer

from babbitt.client.cli.dataset_catalogue import delete, list_, records, show
from babbitt.client.cli.dataset_download import download
from babbitt.client.cli.dataset_import import import_
from babbitt.client.cli.dataset_prune import prune
from babbitt.client.cli.dataset_report import report
from babbitt.client.cli.dataset_simulate import simulate

app = typer.Typer(help="Make datasets, look at them, care for them.", no_args_is_help=True)
app.command()(simulate)
app.command("import")(import_)
app.command()(download)
app.command("list")(list_)
app.command()(show)
app.command()(records)
app.command()(report)
app.command()(delete)
app.command()(prune)
