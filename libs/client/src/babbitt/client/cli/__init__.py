"""The `babbitt` command."""

from pathlib import Path
from typing import Annotated, Any, override

import typer
from typer.core import TyperGroup

from babbitt.client.cli import datasets, further_commands, keys, models, predict, services, stream, train, tune
from babbitt.client.cli.exit_codes import ERROR
from babbitt.client.cli.gateway import Place
from babbitt.client.errors import BabbittError
from babbitt.recordings.errors import RecordingError


class Commands(TyperGroup):
    """Ends with one line that says what is wrong, where another program would show a traceback.

    Knows the commands that other distributions bring, too.
    """

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *further_commands.names()]

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or further_commands.load(cmd_name)

    @override
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (BabbittError, RecordingError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise  # the reader of a pipe has left; Typer ends quietly
            typer.echo(f"babbitt: {error}", err=True)
            raise typer.Exit(ERROR) from error


app = typer.Typer(
    name="babbitt",
    cls=Commands,
    help="Tell which fault a rotating machine has, from its vibration.",
    epilog=(
        "The key is read from BABBITT_KEY, or from the file that --key-file or BABBITT_KEY_FILE names. "
        "Exit codes: 0 done, 1 the service or a file says no, 2 wrong command line, "
        "3 a job or command ended without success, 130 interrupted."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(datasets.app, name="datasets")
app.add_typer(train.app, name="train")
app.command("tune")(tune.tune)
app.add_typer(models.app, name="models")
app.command("predict")(predict.predict)
app.command("stream")(stream.stream)
app.command("services")(services.services)
app.add_typer(keys.app, name="keys")


@app.callback()
def babbitt(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option(help="Address of the gateway. Else BABBITT_URL, else this machine's.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="File that holds the API key. Else BABBITT_KEY, else BABBITT_KEY_FILE.")
    ] = None,
) -> None:
    """Tell which fault a rotating machine has, from its vibration."""
    context.obj = Place(url, key_file)
