"""Files from elsewhere that mean harm: each is refused by its own reason, before it costs anything."""

from itertools import pairwise

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from babbitt.contracts.dataspec import Channel, DataSpec, ModelSpec
from babbitt.training.fitting import foreign_graph
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.foreign_model import check_model
from babbitt.training.fitting.memory import bounded

DATA = DataSpec(channels=(Channel(),), sampling_rate_hz=1000.0, record_samples=64, class_names=("good", "bad"))
SPEC = ModelSpec(family="elsewhere", window_samples=16, hop_samples=16, class_names=DATA.class_names)
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]


def model(*nodes, functions=(), initializers=(), sparse=()):
    """A file whose nodes make `raw` [batch, 1, 2] of `start` [batch, 1, 2]."""
    waveform = helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", 1, 16])
    answer = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])
    whole = [
        helper.make_node("Slice", ["waveform", "zero", "two", "last"], ["start"]),
        *nodes,
        helper.make_node("ReduceMean", ["raw", "one"], ["flat"], keepdims=0),
        helper.make_node("Softmax", ["flat"], ["probabilities"]),
    ]
    numbers = {"zero": 0, "one": 1, "two": 2, "last": -1}
    graph = helper.make_graph(
        whole,
        "graph",
        [waveform],
        [answer],
        [*(numpy_helper.from_array(np.array([one]), name) for name, one in numbers.items()), *initializers],
        sparse_initializer=sparse,
    )
    return helper.make_model(graph, opset_imports=OPSETS, functions=functions, ir_version=10)


def function(name, *nodes):
    return helper.make_function("local", name, ["x"], ["y"], nodes, OPSETS)


def called(name, source, result):
    return helper.make_node(name, [source], [result], domain="local")


def external(tensor, folder):
    """The same values, in a file beside it."""
    (folder / "weights").write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights")
    return tensor


@pytest.fixture
def check(tmp_path):
    def check(content):
        path = tmp_path / "model.onnx"
        path.write_bytes(content.SerializeToString())
        check_model(path, DATA, SPEC)

    return check


def test_a_file_that_calls_functions_of_its_own_passes(check):
    check(
        model(called("Same", "start", "raw"), functions=[function("Same", helper.make_node("Identity", ["x"], ["y"]))])
    )


def test_weights_of_a_function_that_lie_in_other_files_are_refused(check, tmp_path):
    constant = helper.make_node(
        "Constant", [], ["c"], value=external(numpy_helper.from_array(np.ones(2, "f4")), tmp_path)
    )
    adds = function("Adds", constant, helper.make_node("Add", ["x", "c"], ["y"]))
    with pytest.raises(BadRequest, match="its weights lie in other files"):
        check(model(called("Adds", "start", "raw"), functions=[adds]))


def test_sparse_weights_that_lie_in_other_files_are_refused(check, tmp_path):
    values = external(numpy_helper.from_array(np.ones(1, "f4"), "c"), tmp_path)
    sparse = helper.make_sparse_tensor(values, numpy_helper.from_array(np.array([1]), "at"), [2])
    with pytest.raises(BadRequest, match="its weights lie in other files"):
        check(model(helper.make_node("Add", ["start", "c"], ["raw"]), sparse=[sparse]))


def doubling(levels):
    """Functions of which each calls the one before twice, and the names of their calls in the graph."""
    first = function("Twice0", helper.make_node("Identity", ["x"], ["y"]))
    others = [
        function(f"Twice{one}", called(f"Twice{one - 1}", "x", "half"), called(f"Twice{one - 1}", "half", "y"))
        for one in range(1, levels + 1)
    ]
    return model(called(f"Twice{levels}", "start", "raw"), functions=[first, *others])


def test_nodes_are_counted_where_functions_are_called(check):
    check(doubling(4))
    with pytest.raises(BadRequest, match=r"3\.22\d+e\+09 nodes, functions and branches expanded; at most 100000"):
        check(doubling(30))


def test_functions_that_call_one_another_without_end_or_hundreds_deep_are_refused(check):
    there, back = function("There", called("Back", "x", "y")), function("Back", called("There", "x", "y"))
    with pytest.raises(BadRequest, match="must not be recursive"):
        check(model(called("There", "start", "raw"), functions=[there, back]))
    with pytest.raises(BadRequest, match="Function call chain depth exceeds limit"):
        check(doubling(900))


def test_nodes_of_branches_are_counted(check, monkeypatch):
    result = helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)
    steps = ["start", *(f"step{one}" for one in range(9)), "inner"]
    nodes = [helper.make_node("Identity", [before], [after]) for before, after in pairwise(steps)]
    branch = helper.make_graph(nodes, "branch", [], [result])
    yes = numpy_helper.from_array(np.array(True), "yes")
    either = model(helper.make_node("If", ["yes"], ["raw"], then_branch=branch, else_branch=branch), initializers=[yes])
    monkeypatch.setattr(foreign_graph, "MOST_NODES", 24)
    check(either)
    monkeypatch.setattr(foreign_graph, "MOST_NODES", 23)
    with pytest.raises(BadRequest, match="24 nodes, functions and branches expanded; at most 23 are accepted"):
        check(either)


def test_a_file_beyond_the_size_that_is_accepted_is_not_read(check, monkeypatch):
    monkeypatch.setattr(foreign_graph, "LARGEST_BYTES", 100)
    with pytest.raises(BadRequest, match=r"artifact: \d{3,} bytes; at most 100 are accepted"):
        check(doubling(1))


@pytest.mark.parametrize("size", ["constant", "computed"])
def test_a_graph_that_asks_for_more_memory_than_it_may_is_refused(check, size):
    nodes = [
        helper.make_node("Shape", ["waveform"], ["shape"]),
        helper.make_node("Slice", ["shape", "one", "two"], ["some"]),
        helper.make_node("Mul", ["some" if size == "computed" else "one", "many"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("ReduceMax", ["huge"], ["largest"], keepdims=0),
        helper.make_node("Add", ["start", "largest"], ["raw"]),
    ]
    many = numpy_helper.from_array(np.array([300_000_000]), "many")
    with bounded(512 * 1024**2), pytest.raises(BadRequest, match=r"artifact: it .*(alloc|memory)"):
        check(model(*nodes, initializers=[many]))
