import pytest
import torch

from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.progress import Progress

HARDWARE = Hardware(torch.device("cpu"))


@pytest.fixture(scope="session")
def fitted(dataset, make_request, tmp_path_factory):
    """Output folder and what was said of one fit."""
    folder, manifest = dataset
    out = tmp_path_factory.mktemp("out")
    said: list[Progress] = []
    request = make_request(out / "request.json", manifest)
    threads = torch.get_num_threads()
    Fit(load_presets(), request, DatasetFolder(folder), out, said.append).run(
        resume=False, threads=1, hardware=HARDWARE
    )
    yield out, said
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=False)
