"""How a job's process ends."""

import io

import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

from babbitt.training.fitting import command
from babbitt.training.fitting.command import BAD_INPUT, FAILED, Command
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.progress import PROGRESS


@pytest.fixture
def ended(monkeypatch, tmp_path):
    """Does work that ends in an error; the exit status, and what was told last."""

    def end(error: Exception):
        def work(_arguments, _tell):
            raise error

        lines = io.StringIO()
        monkeypatch.setattr(command, "take_standard_output", lambda: lines)
        monkeypatch.setitem(command.COMMANDS, "evaluate", Command("", work))
        status = command.main("evaluate", ["request.json", "--data", "d", "--out", str(tmp_path)])
        return status, PROGRESS.validate_json(lines.getvalue().splitlines()[-1])

    return end


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeException("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for requested buffer"),
        RuntimeException(
            "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code while running Expand node: std::bad_alloc"
        ),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
    ],
)
def test_where_memory_runs_out_it_is_said_what_to_lower(ended, error):
    status, told = ended(error)
    assert (status, told.kind) == (FAILED, "out_of_memory")
    for lower in ("overrides/batch_size", "overrides/views", "smaller preset or dataset"):
        assert lower in told.reason


def test_what_cannot_be_used_is_told_as_its_own_kind(ended):
    status, told = ended(BadRequest("preset: unknown"))
    assert (status, told.kind, told.reason) == (BAD_INPUT, "bad_request", "preset: unknown")


def test_another_error_is_a_bug_and_is_not_told_as_an_end(ended):
    with pytest.raises(RuntimeError, match="shape mismatch"):
        ended(RuntimeError("shape mismatch"))
