"""`babbitt models import`: a model that was trained elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from babbitt.client.cli.gateway import connect
from babbitt.client.cli.job_settings import read_json
from babbitt.client.cli.output import Json
from babbitt.client.cli.promotions import Name
from babbitt.client.cli.training_watch import Watch, start
from babbitt.contracts.dataspec import DataSpec, ModelSpec

File = Annotated[Path, typer.Argument(metavar="FILE.onnx", help="The model.", exists=True, dir_okay=False)]


def import_(
    context: typer.Context,
    model: Name,
    file: File,
    data_spec: Annotated[
        Path, typer.Option(metavar="FILE.json", help="What it reads: a DataSpec.", exists=True, dir_okay=False)
    ],
    model_spec: Annotated[
        Path, typer.Option(metavar="FILE.json", help="What it answers: a ModelSpec.", exists=True, dir_okay=False)
    ],
    dataset: Annotated[str, typer.Option(metavar="ID", help="Dataset on whose test split it is tested.")],
    origin: Annotated[str | None, typer.Option(help="Where it is from, for people.")] = None,
    *,
    watch: Watch = False,
    as_json: Json = False,
) -> None:
    """Upload an ONNX file and make a version of it: it is tested here, and passes the same gates as any other.

    The key needs the scopes datasets (to upload) and train.

    Example: babbitt models import pump old.onnx --data-spec data.json --model-spec model.json --dataset 3f2a…
    """
    data, spec = read_json(DataSpec, data_spec, "--data-spec"), read_json(ModelSpec, model_spec, "--model-spec")
    with connect(context) as babbitt:
        uploaded = babbitt.upload(file)
        start(
            babbitt,
            lambda job_id: babbitt.import_model(
                model, uploaded.sha256, data_spec=data, model_spec=spec, dataset=dataset, origin=origin, job_id=job_id
            ),
            watch=watch,
            as_json=as_json,
        )
