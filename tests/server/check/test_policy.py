"""When a check fails: every policy, the baseline, and the exit codes."""

import json
import os
from pathlib import Path

import pytest

from server.check.findings import CheckedFile, Finding, Kind, Problem, Region, Report
from server.check.policy import Baseline, BaselineError, FailOn, Policy
from tests.server.check.checked_repository import (
    ENVIRONMENT,
    FALSE,
    PROVABLE,
    check,
    check_json,
    write,
)


def finding(kind: Kind, name: str = "t", new: bool = True) -> Finding:
    return Finding(Region(1, 1, 1, 6), name, ("⊢ True",), f"key of {name}", kind, new=new)


def report(*findings: Finding, broken: bool = False) -> Report:
    problems = (Problem(1, 1, "unknown identifier"),) if broken else ()
    return Report((CheckedFile("A.lean", problems, findings),))


@pytest.mark.parametrize(
    ("policy", "found", "violations"),
    [
        ("provable", report(finding("provable")), "1 provable hole"),
        ("provable", report(finding("open"), finding("refuted"), finding("skipped")), ""),
        ("provable", report(finding("fixed")), ""),
        ("any", report(finding("open"), finding("open")), "2 open holes"),
        ("any", report(finding("fixed")), ""),
        ("any", report(finding("skipped"), finding("refuted")), "1 refuted hole, 1 skipped hole"),
        ("new", report(finding("open"), finding("open", new=False)), "1 new open hole"),
        ("new", report(finding("provable", new=False)), ""),
        ("none", report(finding("provable"), broken=True), ""),
        ("provable", report(broken=True), "1 file that does not elaborate"),
        ("any", report(), ""),
    ],
)
def test_what_violates_a_policy(policy: FailOn, found: Report, violations: str) -> None:
    assert Policy(policy).violations(found) == violations


def baseline(tmp_path: Path, *known: tuple[str, str], broken: tuple[str, ...] = ()) -> Baseline:
    """A baseline with open holes by declaration, and their verdicts."""
    holes = [{"declaration": n, "key": f"key of {n}", "verdict": verdict} for n, verdict in known]
    files = [{"file": name, "elaborates": False, "holes": []} for name in broken]
    content = {"files": [*files, {"file": "Old.lean", "elaborates": True, "holes": holes}]}
    (tmp_path / "baseline.json").write_text(json.dumps(content), "utf-8")
    return Baseline.read(tmp_path / "baseline.json")


def test_a_hole_stays_known_wherever_its_declaration_moves(tmp_path: Path) -> None:
    known = baseline(tmp_path, ("t", "open"))
    (file,) = known.compare(report(finding("open"), finding("open", "other"))).files
    assert [one.new for one in file.findings] == [False, True]


def test_as_many_holes_are_known_as_there_were(tmp_path: Path) -> None:
    known = baseline(tmp_path, ("t", "open"), ("t", "open"))
    (file,) = known.compare(report(*[finding("open")] * 3)).files
    assert [one.new for one in file.findings] == [False, False, True]


def test_what_was_fixed_is_not_known(tmp_path: Path) -> None:
    known = baseline(tmp_path, ("t", "fixed"))
    (file,) = known.compare(report(finding("open"))).files
    assert file.findings[0].new


def test_a_broken_file_may_be_known(tmp_path: Path) -> None:
    compared = baseline(tmp_path, broken=("A.lean",)).compare(report(broken=True))
    assert Policy("new").violations(compared) == ""
    assert Policy("new").violations(baseline(tmp_path).compare(report(broken=True))) != ""


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [{"holes": 1}]}', "theorem", "\udc00"])
def test_a_file_that_is_no_report_is_no_baseline(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(BaselineError, match="is not the JSON report of a check"):
        Baseline.read(file)


@pytest.mark.parametrize(
    ("policy", "code"), [("provable", 1), ("any", 1), ("new", 1), ("none", 0), (None, 1)]
)
def test_exit_codes_of_the_fixture(known: Path, policy: str | None, code: int) -> None:
    chosen = ("--fail-on", policy) if policy else ()
    done = check(known, "--budget", "0", *chosen)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("Failed" in done.stdout) == bool(code)


def test_only_what_is_new_fails_with_a_baseline(known: Path) -> None:
    before = known / "before.json"
    made = check(known, "--budget", "0", "--fail-on", "none", "--format", "json", "--out", before)
    assert made.returncode == 0
    again = check(known, "--budget", "0", "--baseline", before)
    assert again.returncode == 0, again.stdout
    # Another one, a copy of one that was there, and one whose file has moved.
    write(known, {"New.lean": FALSE, "Basic/More.lean": PROVABLE.split("\n\n")[0] + "\n"})
    (known / "Open.lean").rename(known / "Moved.lean")
    done = check(known, "--budget", "0", "--baseline", before)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last == "Failed (--fail-on new): 1 new provable hole, 1 new refuted hole."


def test_a_repository_without_holes_is_fine(tmp_path: Path) -> None:
    write(tmp_path, {"Done.lean": "theorem fine : True := trivial\n"})
    done = check(tmp_path, "--fail-on", "any")
    assert (done.returncode, done.stdout) == (0, "1 file, no sorry.\n")


class TestMistakes:
    """Exit code 2 and one line for the user's, 3 where Lean or the workspace can't be used."""

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("Nowhere.lean",), "Nowhere.lean"),
            (("--fail-on", "some"), "some"),
            (("--baseline", "none.json"), "unsorry check --fail-on none --format json > none.json"),
            (("--changed-since", "HEAD"), "no git repository"),
            (("notes.txt",), "is not a Lean file"),
            (("--budget", "-1"), "-1"),
            (("--strategies", "magic"), "magic"),
        ],
    )
    def test_of_the_user(self, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
        write(tmp_path, {"A.lean": FALSE, "notes.txt": "sorry"})
        done = check(tmp_path, *arguments)
        assert done.returncode == 2 and done.stdout == ""
        assert says in done.stderr and "Traceback" not in done.stderr

    def test_no_lean(self, tmp_path: Path) -> None:
        write(tmp_path, {"A.lean": FALSE})
        done = check(tmp_path, "--toolchain", "native", environment={**ENVIRONMENT, "PATH": ""})
        assert done.returncode == 3 and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("unsorry: ")

    def test_a_workspace_that_makes_no_sense(self, tmp_path: Path) -> None:
        write(tmp_path, {"A.lean": FALSE, "lakefile.toml": "name = "})
        done = check(tmp_path)
        assert done.returncode == 3 and "lakefile.toml is not valid TOML" in done.stderr

    def test_a_lean_that_dies(self, tmp_path: Path) -> None:
        """A Node that ends at once is no fault of the files."""
        write(tmp_path, {"A.lean": FALSE, "bin/node": "#!/bin/sh\nexit 1\n"})
        (tmp_path / "bin" / "node").chmod(0o755)
        lame = {**os.environ, **ENVIRONMENT, "UNSORRY_NODE": str(tmp_path / "bin" / "node")}
        done = check(tmp_path, environment=lame)
        assert done.returncode == 3 and "Traceback" not in done.stderr, done.stdout


def test_a_file_that_is_no_text_does_not_elaborate(tmp_path: Path) -> None:
    write(tmp_path, {"Good.lean": "theorem fine : True := trivial\n"})
    (tmp_path / "Latin.lean").write_bytes(b"-- \xe9t\xe9\n")
    write(tmp_path, {"Far.lean": "import Nowhere\n"})
    files = {file["file"]: file for file in check_json(tmp_path)["files"]}
    said = files["Latin.lean"]["errors"][0]["message"]
    assert said.startswith("Latin.lean is not UTF-8")
    assert "Nowhere" in files["Far.lean"]["errors"][0]["message"]
    assert files["Good.lean"]["elaborates"]
