import pytest

from babbitt.client.errors import InvalidRequest
from babbitt.client.settings import DEFAULT_URL, settings_of


def key_of(**given):
    key = settings_of(**given).key
    return key.get_secret_value() if key else None


def test_without_anything_it_is_the_gateway_of_this_machine_and_no_key():
    settings = settings_of(environment={})
    assert settings.url == DEFAULT_URL
    assert settings.key is None


def test_the_environment_names_the_gateway_and_the_key():
    settings = settings_of(environment={"BABBITT_URL": "https://gateway.example", "BABBITT_KEY": "bbt_1_x\n"})
    assert settings.url == "https://gateway.example"
    assert settings.key is not None
    assert settings.key.get_secret_value() == "bbt_1_x"


def test_a_key_comes_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("bbt_1_secret\n")
    assert key_of(environment={"BABBITT_KEY_FILE": str(file)}) == "bbt_1_secret"
    assert key_of(key_file=file, environment={"BABBITT_KEY": "bbt_2_other"}) == "bbt_1_secret"


def test_a_key_in_the_environment_goes_before_a_file_in_the_environment(tmp_path):
    assert key_of(environment={"BABBITT_KEY": "bbt_2_other", "BABBITT_KEY_FILE": str(tmp_path)}) == "bbt_2_other"


def test_a_key_is_never_shown():
    assert "bbt_1_x" not in repr(settings_of(key="bbt_1_x", environment={}))


@pytest.mark.parametrize("content", ["", "hunter2", "bbt_1_x bbt_2_y"])
def test_a_file_without_a_key_is_named_and_its_content_is_not(tmp_path, content):
    file = tmp_path / "key"
    file.write_text(content)
    with pytest.raises(InvalidRequest, match="holds no key: one line that begins with bbt_") as raised:
        settings_of(key_file=file, environment={})
    assert not content or content not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match="cannot be read: No such file"):
        settings_of(key_file=tmp_path / "none", environment={})


def test_an_address_that_is_none_says_what_is_accepted():
    with pytest.raises(InvalidRequest, match="http://HOST:PORT"):
        settings_of(url="gateway:8080", environment={})
