import pytest

from babbitt.contracts.mappings import ImportMapping, MappedChannel, MappingRule
from babbitt.recordings.errors import MappingInvalid, NoRuleMatches, RuleInvalid
from babbitt.recordings.mapping import complete
from babbitt.recordings.patterns import PatternInvalid, pattern_of
from babbitt.recordings.rule_checks import rule_problems
from babbitt.recordings.rules import named


def mapping(*rules, **fields):
    rules = tuple(MappingRule(**({"pattern": "*", "sampling_rate_hz": 48_000} | rule)) for rule in rules)
    return ImportMapping(**({"rules": rules, "sampling_rate_hz": 12_000} | fields))


@pytest.mark.parametrize(
    ("pattern", "path", "captured"),
    [
        ("*.mat", "a/b/c.mat", {}),
        ("b/*.mat", "a/b/c.mat", {}),
        ("a/*.mat", "a/b/c.mat", None),
        ("a/*.mat", "a.mat", None),
        ("*.mat", "c.MAT", None),
        ("*_{group:K*}_*.mat", "N15_M07_F10_KA01_1.mat", {"group": "KA01"}),
        (
            "{label}/*/{shaft_speed_hz}.csv",
            "x/imbalance/6g/12.288.csv",
            {"label": "imbalance", "shaft_speed_hz": "12.288"},
        ),
        ("{label}_{group}.mat", "a_b_c.mat", {"label": "a", "group": "b_c"}),
        ("{label}.mat", ".mat", None),
        ("{group:[ab]?}*", "a1x", {"group": "a1"}),
        ("{group:[ab]?}*", "c1x", None),
        ("[{]label}.mat", "{label}.mat", {}),
    ],
)
def test_a_pattern_sees_the_last_parts_of_a_path_and_captures_as_little_as_it_can(pattern, path, captured):
    assert pattern_of(pattern).match(path) == captured


@pytest.mark.parametrize(
    "pattern",
    [
        *("{lable}.mat", "{label}/{label}.mat", "/a.mat", "a/", "a//b"),
        *("{label:[}x].npy", "[{label}]", "[{label:]}", "[a-{label}].npy", "\ue000\ue000", "\uf003.npy"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(PatternInvalid):
        pattern_of(pattern)


def test_no_pattern_takes_long_over_a_name():
    assert pattern_of("*a" * 240 + "b").match("a" * 500) is None


def test_what_a_name_says_is_told_with_what_its_rule_says():
    rules = mapping({"pattern": "{split}/{label}/{group}-{shaft_speed_rpm}.mat"}, {"label": "rest", "group": "g"})
    told = named(rules, "val/ball/m1-1797.mat")
    assert (told.label, told.group, told.split) == ("ball", "m1", "validation")
    assert told.shaft_speed_hz == pytest.approx(29.95)
    rest = named(rules, "x.mat")
    assert (rest.number, rest.label, rest.group, rest.group_told, rest.split) == (1, "rest", "g", True, None)
    assert named(mapping({"label": "a"}), "d/x.mat").group == "d/x.mat"
    with pytest.raises(NoRuleMatches, match=r"a\.mat: no rule .* the patterns are b\.mat"):
        named(mapping({"pattern": "b.mat", "label": "b"}), "a.mat")


@pytest.mark.parametrize(
    ("pattern", "name", "reason"),
    [
        ("{label}.mat", "Inner Race.mat", r"rules\[0\] .*\.pattern: \{label\} stands for 'Inner Race' .*small letters"),
        ("{split}/*.mat", "dev/a.mat", r"\{split\} stands for 'dev' .*train, validation, val, test"),
        ("{shaft_speed_hz}.mat", "0.mat", r"\{shaft_speed_hz\} stands for '0' .*a number above 0"),
        ("{shaft_speed_rpm}.mat", "1e3.mat", r"\{shaft_speed_rpm\} stands for '1e3'"),
    ],
)
def test_what_a_name_says_has_to_mean_something(pattern, name, reason):
    with pytest.raises(RuleInvalid, match=reason):
        named(mapping({"pattern": pattern}), name)


@pytest.mark.parametrize(
    ("rule", "field", "accepted"),
    [
        ({}, "label", "a class name, or {label} in the pattern"),
        ({"label": "a", "pattern": "{label}*"}, "label", "one of them"),
        ({"label": "a", "group": "g", "pattern": "{group}*"}, "group", "one of them"),
        ({"label": "a", "split": "test", "pattern": "{split}*"}, "split", "one of them"),
        ({"label": "a", "shaft_speed_hz": 1, "pattern": "{shaft_speed_rpm}*"}, "shaft_speed_hz", "one of them"),
        (
            {"label": "a", "shaft_speed_hz_variable": "s", "shaft_speed_rpm_variable": "r"},
            "shaft_speed_rpm_variable",
            "one of them",
        ),
        ({"label": "a", "sampling_rate_variable": "r"}, "sampling_rate_hz", "one of them"),
        ({"label": "a", "unit": "um"}, "unit", "g, m/s2"),
        ({"label": "a", "pattern": "{lable}*"}, "pattern", "{label}, {group}"),
        ({"layout": "jbfd11", "label": "a"}, "label", "nothing"),
        ({"layout": "jbfd11", "pattern": "{split}.h5"}, "split", "nothing"),
    ],
)
def test_what_a_rule_lacks_or_says_twice_is_named(rule, field, accepted):
    (problem,) = rule_problems(mapping({"label": "first", "pattern": "first*"}, rule))
    assert (problem.rule, problem.field) == (1, field)
    assert problem.accepted.startswith(accepted)


def test_a_gap_policy_beside_a_layout_that_has_none_is_refused():
    (problem,) = rule_problems(mapping({"layout": "jbfd11"}, {"label": "a", "pattern": "a*"}, gap_policy="cut"))
    assert (problem.rule, problem.field, problem.accepted) == (0, "layout", "gap_policy: refuse, or recording")


def test_a_complete_mapping_passes_and_all_that_another_lacks_is_told_at_once():
    good = mapping({"label": "a", "unit": "m/s2"}, {"layout": "jbfd11", "pattern": "*.h5"})
    assert complete(good) is good
    with pytest.raises(MappingInvalid) as told:
        complete(mapping({}, {"label": "a", "unit": "1"}))
    assert [line.partition(":")[0] for line in str(told.value).splitlines()] == [
        "rules[0] (pattern '*').label",
        "rules[1] (pattern '*').unit",
    ]


def test_the_benchmark_has_one_channel():
    channels = (MappedChannel(name="a"), MappedChannel(name="b"))
    (problem,) = rule_problems(mapping({"layout": "jbfd11"}, channels=channels))
    assert problem.field == "layout"
