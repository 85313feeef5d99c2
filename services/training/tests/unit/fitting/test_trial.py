from babbitt.training.families.registry import load_presets
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.fit import Fit
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.progress import Epoch, Progress, Tried


def test_a_trial_ends_with_the_validation_loss_writes_no_model_and_never_reads_the_test_split(
    dataset, make_request, tmp_path
):
    read: list[str] = []
    said: list[Progress] = []

    class Watched(DatasetFolder):
        def records(self, split):
            read.append(split)
            return super().records(split)

    request = make_request(tmp_path / "request.json", dataset[1], preset="logistic_small")
    fit = Fit(load_presets(), request, Watched(dataset[0]), tmp_path / "out", said.append)
    fit.run(resume=False, threads=1, hardware=Hardware.chosen("cpu"), trial=True)
    (epoch,) = (one for one in said if isinstance(one, Epoch))
    assert said[-1] == Tried(validation_loss=epoch.validation_loss)
    assert read == ["train", "validation"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["checkpoints"]
