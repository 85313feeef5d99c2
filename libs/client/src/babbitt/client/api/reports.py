"""Quality reports of datasets."""

import httpx

from babbitt.client.calls import Call, path_of
from babbitt.client.errors import unexpected
from babbitt.contracts.quality import QualityReport

PAGE = "text/html"


def dataset_report(dataset_id: str) -> Call[QualityReport]:
    """The quality report of a ready dataset: what to know before training on it."""
    headers = {"Accept": "application/json"}
    return Call("GET", path_of("datasets", dataset_id, "report"), _report, headers=headers, repeatable=True)


def dataset_report_page(dataset_id: str) -> Call[str]:
    """Likewise, as an HTML page that needs nothing else."""
    return Call("GET", path_of("datasets", dataset_id, "report"), _page, headers={"Accept": PAGE}, repeatable=True)


def _report(response: httpx.Response) -> QualityReport:
    try:
        return QualityReport.read(response.content)
    except ValueError as error:
        raise unexpected(response, str(error).partition("\n")[0]) from error


def _page(response: httpx.Response) -> str:
    if not response.headers.get("content-type", "").startswith(PAGE):
        raise unexpected(response, "it is no page")
    return response.text
