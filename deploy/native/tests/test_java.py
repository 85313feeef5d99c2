import pytest

from babbitt.native import java
from babbitt.native.errors import NativeError


@pytest.fixture(autouse=True)
def _fresh_answers(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    java.java.cache_clear()
    yield
    java.java.cache_clear()


def program(folder, name, script):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_missing_java_is_told_with_the_version_wanted(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NativeError, match="Java 17 or newer is needed to run Kafka, and no java"):
        java.java()


@pytest.mark.parametrize(("says", "major"), [('java version "1.8.0_402"', 8), ('openjdk version "11.0.22"', 11)])
def test_a_java_that_is_too_old_is_told_with_its_version(monkeypatch, tmp_path, says, major):
    program(tmp_path, "java", f"echo '{says}' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NativeError, match=f"is version {major}$"):
        java.java()


@pytest.mark.parametrize("says", ['openjdk version "17.0.15" 2025-04-15', 'openjdk version "25" 2025-09-16'])
def test_a_java_that_is_new_enough_is_used(monkeypatch, tmp_path, says):
    program(tmp_path, "java", f"echo '{says}' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert java.java() == tmp_path / "java"


def test_java_home_comes_before_the_path(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin", "java", "echo 'openjdk version \"21\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.java() == tmp_path / "bin" / "java"


def test_missing_maven_is_told_with_what_it_is_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NativeError, match="Maven"):
        java.maven()
