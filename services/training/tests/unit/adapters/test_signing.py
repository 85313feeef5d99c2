import base64
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from babbitt.chassis.settings import SettingsError
from babbitt.contracts.signatures import Statement
from babbitt.training.adapters.signing import new_pair, signing
from babbitt.training.entrypoints import keys
from babbitt.training.settings import TrainingSettings


@pytest.fixture
def statement(golden):
    told = golden("TrainCompleted").message
    return Statement(told.model, told.artifact, told.weights, told.data_spec, told.model_spec)


def settings(**given):
    return TrainingSettings(
        kafka_bootstrap_servers="localhost:9092", object_store_url="file:///objects", database_url="x", **given
    )


def test_where_no_key_is_set_nothing_is_signed(statement):
    assert signing(settings())(statement) is None


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_statement_is_signed_so_that_the_public_key_tells_it_from_any_other(tmp_path, where, statement):
    private, public = new_pair()
    file = tmp_path / "key"
    file.write_text(f"{private}\n")
    given = {"signing_key": private} if where == "environment" else {"signing_key_file": file}
    signature = base64.b64decode(signing(settings(**given))(statement))
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
    key.verify(signature, statement.content())
    with pytest.raises(InvalidSignature):
        key.verify(signature, replace(statement, model="fan").content())


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"signing_key": "short"}, "BABBITT_TRAINING_SIGNING_KEY:"),
        ({"signing_key": base64.b64encode(b"x" * 31).decode()}, "BABBITT_TRAINING_SIGNING_KEY:"),
        ({"signing_key": "ä"}, "BABBITT_TRAINING_SIGNING_KEY:"),
        ({"signing_key_file": "/missing"}, "BABBITT_TRAINING_SIGNING_KEY_FILE:"),
    ],
)
def test_what_is_no_key_is_refused_naming_the_setting_and_never_showing_it(given, named):
    with pytest.raises(SettingsError, match=named) as caught:
        signing(settings(**given))
    assert str(given.get("signing_key", "no such text")) not in str(caught.value)


def test_a_key_and_a_file_of_one_are_not_both_accepted():
    with pytest.raises(ValueError, match="not both"):
        settings(signing_key="x", signing_key_file="y")


def test_the_command_prints_a_pair_as_settings_that_fit_each_other(capsys, statement):
    assert keys.main(["--name", "build-1"], new_pair) == 0
    told = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    name, _, public = told["BABBITT_REGISTRY_TRUSTED_KEYS"].partition("=")
    signature = signing(settings(signing_key=told["BABBITT_TRAINING_SIGNING_KEY"]))(statement)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
    key.verify(base64.b64decode(signature), statement.content())
    assert name == "build-1"
