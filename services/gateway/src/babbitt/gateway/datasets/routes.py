"""`/v1/datasets`: simulate, import, look, delete."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from babbitt.chassis.database import transaction
from babbitt.contracts.names import ClassName, Text
from babbitt.gateway.commands import command_answer, command_documented
from babbitt.gateway.datasets.catalogue import catalogue
from babbitt.gateway.datasets.queries import find_dataset
from babbitt.gateway.datasets.requests import DatasetRequests
from babbitt.gateway.datasets.schemas import IN_PROGRESS, Dataset, NewDataset, State
from babbitt.gateway.errors import NotFound
from babbitt.gateway.keys.keyring import Caller
from babbitt.gateway.keys.scopes import DATASETS as MAY_MAKE
from babbitt.gateway.keys.scopes import READ, ScopedRoute
from babbitt.gateway.pagination import AskedPage, Page, newest_first
from babbitt.gateway.preferences import Preferred
from babbitt.gateway.problems import documented
from babbitt.gateway.tables import DATASETS
from babbitt.gateway.texts import is_plain
from babbitt.gateway.waiting import hold


def dataset_routes(requests: DatasetRequests) -> APIRouter:
    """The routes of datasets."""
    router = APIRouter(prefix="/v1/datasets", tags=["datasets"], route_class=ScopedRoute)

    async def look(dataset_id: str) -> Any:
        async with transaction(requests.sessions) as session:
            return await find_dataset(session, dataset_id)

    @router.post("", response_model=None, status_code=202, responses=command_documented(Dataset))
    async def make_dataset(wanted: NewDataset, prefer: Preferred, caller: Annotated[Caller, MAY_MAKE]) -> Response:
        """Ask for a dataset. The same configuration is the same dataset: it is made once.

        With `Prefer: wait=N` the answer is held until the dataset is there (201), or cannot be (its problem).
        """
        dataset_id = await requests.make(wanted, caller)
        row = await hold(lambda: look(dataset_id), lambda found: found.state not in IN_PROGRESS, prefer.wait_s)
        dataset = Dataset.model_validate(row, from_attributes=True)
        problem = dataset.end() if prefer.wait_s else None
        done = dataset.state == "ready" and prefer.wait_s > 0
        return command_answer(dataset, f"/v1/datasets/{dataset_id}", prefer, done=done, problem=problem)

    @router.get("", responses=documented(), dependencies=[READ])
    async def list_datasets(
        paging: AskedPage,
        state: Annotated[State | None, Query()] = None,
        source: Annotated[Literal["simulated", "imported"] | None, Query()] = None,
        label: Annotated[Text | None, Query(description="Part of the label, in upper or lower case")] = None,
        class_name: Annotated[ClassName | None, Query(alias="class", description="One of its classes")] = None,
    ) -> Page[Dataset]:
        """Datasets, the newest first."""
        query = catalogue(state=state, source=source, label=label, class_name=class_name)
        async with transaction(requests.sessions) as session:
            return await paging.page(session, query, newest_first(DATASETS), Dataset)

    @router.get("/{dataset_id}", responses=documented(404), dependencies=[READ])
    async def show_dataset(dataset_id: str, prefer: Preferred) -> Dataset:
        """One dataset. With `Prefer: wait=N` the answer is held while it is being made."""
        row = None
        if is_plain(dataset_id):
            row = await hold(
                lambda: look(dataset_id),
                lambda found: found is None or found.state not in IN_PROGRESS,
                prefer.wait_s,
            )
        if row is None:
            raise NotFound(f"there is no dataset {dataset_id!r}")
        return Dataset.model_validate(row, from_attributes=True)

    @router.delete(
        "/{dataset_id}", response_model=None, status_code=202, responses=command_documented(Dataset, done=200)
    )
    async def end_dataset(dataset_id: str, prefer: Preferred, caller: Annotated[Caller, MAY_MAKE]) -> Response:
        """Ask for a dataset's end: one that is being made is cancelled, another one deleted."""
        if not is_plain(dataset_id):
            raise NotFound(f"there is no dataset {dataset_id!r}")
        await requests.end(dataset_id, caller)
        ended = {"cancelled", "deleted"}
        row = await hold(
            lambda: look(dataset_id), lambda found: found.state in ended or found.problem is not None, prefer.wait_s
        )
        dataset = Dataset.model_validate(row, from_attributes=True)
        problem = dataset.problem if prefer.wait_s else None
        place, done = f"/v1/datasets/{dataset_id}", dataset.state in ended
        return command_answer(dataset, place, prefer, done=done, problem=problem, status=200)

    return router
