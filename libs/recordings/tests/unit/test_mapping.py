import pytest

from babbitt.recordings import mapping as mappings
from babbitt.recordings.errors import MappingInvalid
from babbitt.recordings.mapping import parse_mapping, read_mapping
from babbitt.recordings.rules import named

GOOD = """
sampling_rate_hz: 12000
record_duration_s: 0.5
rules:
  - {pattern: "a*.mat", label: healthy, variable: x, sampling_rate_hz: 48000, shaft_speed_hz: 30}
  - {pattern: "*.mat", label: outer_race, variable: x, sampling_rate_hz: 12000, group: b}
"""


def test_the_first_rule_that_matches_counts_and_case_does():
    mapping = parse_mapping(GOOD)
    assert [named(mapping, name).label for name in ("a1.mat", "b1.mat", "A1.mat")] == [
        "healthy",
        "outer_race",
        "outer_race",
    ]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (GOOD.replace("48000", "-1"), r"rules\[0\] \(pattern 'a\*\.mat'\)\.sampling_rate_hz: .*greater than 0"),
        (GOOD.replace("group: b", "grp: b"), r"rules\[1\] \(pattern '\*\.mat'\)\.grp: Extra inputs"),
        (GOOD.replace("label: healthy", "label: [x]"), r"rules\[0\] .*\.label: .*string"),
        (GOOD.replace("sampling_rate_hz: 12000\n", ""), "sampling_rate_hz: Field required"),
        ("rules: []", "rules: .*at least 1 item"),
        ("rules: {pattern: x}\nsampling_rate_hz: 1\nrecord_duration_s: 1", "rules: .*tuple"),
        ("rules: [[x]]\nsampling_rate_hz: 1\nrecord_duration_s: 1", r"rules\[0\]: .*MappingRule"),
        ("", "not nothing"),
        ("- a\n- b", "not a list"),
        ("a: [", "no YAML"),
        ("a: &x 1\nb: *x", r"no.* hold YAML aliases"),
        ("!!python/object/apply:os.system [echo]", "no YAML"),
        ("a: 2020-13-45", "no YAML"),
        ("[" * 100_000, "nested at most 8 deep"),
    ],
)
def test_an_error_names_the_rule_and_the_field(wrong, reason):
    with pytest.raises(MappingInvalid, match=reason):
        parse_mapping(wrong)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "palier.yaml").write_text(GOOD + "# défaut", encoding="latin-1")
    with pytest.raises(MappingInvalid, match=r"palier\.yaml is not UTF-8"):
        read_mapping(tmp_path / "palier.yaml")


def test_all_errors_are_told_at_once():
    with pytest.raises(MappingInvalid) as told:
        parse_mapping(GOOD.replace("48000", "-1").replace("group: b", "grp: b"))
    assert "rules[0]" in str(told.value)
    assert "rules[1]" in str(told.value)


def test_a_mapping_of_absurd_size_is_not_parsed(monkeypatch):
    monkeypatch.setattr(mappings, "MAX_MAPPING_CHARACTERS", 10)
    with pytest.raises(MappingInvalid, match="at most 10 are read"):
        parse_mapping(GOOD)
