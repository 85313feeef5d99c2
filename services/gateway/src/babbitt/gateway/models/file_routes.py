"""`/v1/models/{model}/versions/{version}/…`: report, card, figures, paired predictions, ONNX file, weights."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from babbitt.contracts.model_card import model_card
from babbitt.contracts.model_reports import ModelReport
from babbitt.contracts.names import FigureName
from babbitt.contracts.paired import PairedPredictions
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.models.version_files import UNVERIFIED, StoredFile, VersionFiles
from babbitt.gateway.problems import documented
from babbitt.gateway.reports import members_of
from babbitt.gateway.stored_files import BYTES, HEADERS, JSON, streamed

MARKDOWN, PNG = "text/markdown", "image/png"
TOLD = "The file; `ETag` is the SHA-256 of what it was made from."


def file_routes(files: VersionFiles) -> APIRouter:
    """The routes of versions' files."""
    router = APIRouter(prefix="/v1/models/{model}/versions/{version}", tags=["models"], route_class=ScopedRoute)

    @router.get("/report", response_model=None, responses=_document(ModelReport), dependencies=[READ])
    async def show_model_report(model: str, version: str) -> StreamingResponse:
        """The evaluation of a version in full."""
        row = await files.version(model, version)
        return await _streamed(files, _had(row.report, "report"), media_type=JSON)

    @router.get("/predictions", response_model=None, responses=_document(PairedPredictions), dependencies=[READ])
    async def show_paired_predictions(model: str, version: str) -> StreamingResponse:
        """What a version answered for each record of the test split."""
        row = await files.version(model, version)
        return await _streamed(files, _had(row.predictions, "paired predictions"), media_type=JSON)

    @router.get("/card", response_model=None, responses=_file(MARKDOWN), dependencies=[READ])
    async def show_card(model: str, version: str) -> Response:
        """What to know of a version before it is relied on, for people."""
        row = await files.version(model, version)
        file = await files.read(row.report, "report")
        card = await _card(file.content, f"{model} version {row.version}", row.artifact["sha256"])
        return _answer(StoredFile(file.reference, card), f"{MARKDOWN}; charset=utf-8")

    @router.get("/figures/{name}", response_model=None, responses=_file(PNG), dependencies=[READ])
    async def show_figure(model: str, version: str, name: FigureName) -> Response:
        """A figure of the report."""
        row = await files.version(model, version)
        if name not in row.figures:
            raise NotFound(f"the version has no figure {name!r}: it has {', '.join(sorted(row.figures)) or 'none'}")
        return _answer(await files.read(row.figures[name], f"figure {name!r}"), PNG)

    @router.get("/artifact", response_model=None, responses=_file(BYTES), dependencies=[READ])
    async def download_artifact(model: str, version: str) -> Response:
        """The ONNX file that serves; `ETag` is its SHA-256."""
        row = await files.version(model, version)
        return await _streamed(files, row.artifact, f"{model}-{row.version}.onnx")

    @router.get("/weights", response_model=None, responses=_file(BYTES), dependencies=[READ])
    async def download_weights(model: str, version: str) -> Response:
        """The module's tensors, for who goes on from them; `ETag` is their SHA-256."""
        row = await files.version(model, version)
        return await _streamed(files, _had(row.weights, "weights"), f"{model}-{row.version}.pt")

    @router.get("/train-records", response_model=None, responses=_file(BYTES), dependencies=[READ])
    async def download_train_records(model: str, version: str) -> Response:
        """Digests of the records that a version learnt from, as training wrote them."""
        row = await files.version(model, version)
        learnt = _had(row.lineage.get("train_records"), "list of what it learnt from")
        return await _streamed(files, learnt, f"{model}-{row.version}-train-records.json")

    return router


def _had(stored: dict[str, Any] | None, what: str) -> dict[str, Any]:
    if stored is None:
        raise NotFound(f"the version has no {what}")
    return stored


async def _streamed(
    files: VersionFiles, stored: dict[str, Any], name: str | None = None, media_type: str = BYTES
) -> StreamingResponse:
    return await streamed(files.objects, stored, media_type, otherwise=UNVERIFIED, name=name)


async def _card(report: bytes, title: str, artifact_sha256: str) -> bytes:
    told = await members_of(report)
    told.pop("runs", None)  # every epoch of each: most of a report, and nothing of a card
    try:
        read = ModelReport.model_validate(told, extra="ignore")
        return model_card(read, title=title, artifact_sha256=artifact_sha256).encode()
    except ValidationError as error:
        raise NotFound("the version was made before there were cards") from error


def _answer(file: StoredFile, media_type: str) -> Response:
    headers = HEADERS | {"ETag": f'"{file.reference.sha256}"'}
    return Response(file.content, headers=headers, media_type=media_type)


def _document(contract: type[Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": contract, "description": TOLD}, **documented(404, 410)}


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"content": content, "description": TOLD}, **documented(404, 410)}
