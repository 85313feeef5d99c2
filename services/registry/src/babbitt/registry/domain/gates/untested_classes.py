"""Each class was tested."""

from babbitt.registry.domain.gates.case import Case, GateResult


class UntestedClasses:
    """Nobody knows how a version does on a class of which there is no test record: a person decides."""

    name = "untested_classes"

    def judge(self, case: Case) -> GateResult:
        """Inconclusive where one has no test record."""
        tested, classes = case.candidate.evaluation.per_class, case.candidate.model_spec.class_names
        if not tested:
            return GateResult(self.name, "passed", "its evaluation does not tell classes apart")
        if untested := [name for name in classes if name not in tested]:
            return GateResult(self.name, "inconclusive", f"no test record of {', '.join(untested)}")
        return GateResult(self.name, "passed", f"each of {len(classes)} classes was tested")
