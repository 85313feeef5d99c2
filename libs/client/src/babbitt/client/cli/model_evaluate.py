"""`babbitt models evaluate`: how a version does on a dataset that it was not made with."""

from typing import Annotated

import typer

from babbitt.client.cli.gateway import connect
from babbitt.client.cli.job_settings import Classes, class_map_of
from babbitt.client.cli.model_report import print_report
from babbitt.client.cli.model_versions import VersionName, number_of
from babbitt.client.cli.output import Json
from babbitt.client.cli.training_watch import Watch, start

Dataset = Annotated[
    list[str], typer.Argument(metavar="DATASET", help="Id of the dataset; before it the version's number may stand.")
]


def evaluate(
    context: typer.Context,
    version: VersionName,
    dataset: Dataset,
    class_map: Classes = None,
    *,
    watch: Watch = False,
    as_json: Json = False,
) -> None:
    """Test a version on a dataset's test split; with --watch its report follows, else `babbitt train report ID` has it.

    Example: babbitt models evaluate pump@7 3f2a… --class-map worn=faulty --watch
    """
    classes = class_map_of(class_map or ()) or None
    *number, of = dataset
    if len(number) > 1 or (number and "@" in version):
        raise typer.BadParameter("a version and one dataset are accepted: pump@7 DATASET")
    with connect(context) as babbitt:
        model, numbered = number_of(babbitt, "@".join((version, *number)))
        job = start(
            babbitt,
            lambda job_id: babbitt.evaluate(model, of, number=numbered, class_map=classes, job_id=job_id),
            watch=watch,
            as_json=as_json,
        )
        if watch and not as_json:
            typer.echo("")
            print_report(babbitt.training_report(job.id))
