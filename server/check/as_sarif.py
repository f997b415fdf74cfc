"""A report in SARIF 2.1.0, for code scanning and for viewers: with the proofs as fixes.

What was fixed is no result any more. Places are those of the files after that.
"""

import json
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from server.check.findings import CheckedFile, Finding, Kind, Problem, Region, Report
from server.check.policy import Policy

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
BROKEN = "broken"
RULES: dict[str, tuple[str, str, str]] = {
    "provable": ("ProvableSorry", "warning", "A sorry that Unsorry can prove."),
    "refuted": ("FalseStatement", "error", "A sorry of a statement that is false."),
    "open": ("OpenSorry", "note", "A sorry for which no proof is known."),
    "skipped": ("SkippedSorry", "note", "A sorry that is never filled."),
    BROKEN: ("BrokenFile", "error", "A file that Lean does not accept."),
}
"""By rule: its name, the level of its results, and what it is about."""
_ORDER = list(RULES)


def as_sarif(report: Report, policy: Policy) -> str:
    """The same report gives the same text."""
    results = [result for file in report.files for result in _results(file, policy)]
    run = {
        "tool": {
            "driver": {
                "name": "Unsorry",
                "version": version("unsorry"),
                "rules": [_rule(name) for name in _ORDER],
            }
        },
        # Columns are counted as people count, not in the UTF-16 units of the default.
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"lean": report.lean, "caveat": report.caveat},
    }
    content = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(content, ensure_ascii=False, indent=2)


def _rule(name: str) -> dict[str, Any]:
    title, level, says = RULES[name]
    return {
        "id": f"unsorry/{name}",
        "name": title,
        "shortDescription": {"text": says},
        "defaultConfiguration": {"level": level},
    }


def _results(file: CheckedFile, policy: Policy) -> list[dict[str, Any]]:
    broken = [_broken(file, problem, policy) for problem in file.problems]
    left = [finding for finding in file.findings if finding.kind != "fixed"]
    return [*broken, *(_hole(file, finding, policy) for finding in left)]


def _broken(file: CheckedFile, problem: Problem, policy: Policy) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    return {
        **_result(BROKEN, problem.message, file.new, policy.forbids_file(file)),
        "locations": [{"physicalLocation": _location(file, region)}],
    }


def _hole(file: CheckedFile, finding: Finding, policy: Policy) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": _location(file, _region(finding.region)),
        "logicalLocations": [{"fullyQualifiedName": finding.declaration, "kind": "declaration"}],
    }
    goals = "\n\n".join(finding.goals)
    text = f"{finding.declaration}: {finding.says}\n\n{goals}"
    return {
        **_result(finding.kind, text, finding.new, policy.forbids(finding)),
        "locations": [location],
        "partialFingerprints": {"goal/v1": finding.key},
        **({"fixes": [_fix(file, finding)]} if finding.replacements else {}),
    }


def _result(rule: Kind | str, text: str, new: bool, forbidden: bool) -> dict[str, Any]:
    return {
        "ruleId": f"unsorry/{rule}",
        "ruleIndex": _ORDER.index(rule),
        "level": RULES[rule][1],
        "message": {"text": text},
        "baselineState": "new" if new else "unchanged",
        "properties": {"violation": forbidden},
    }


def _fix(file: CheckedFile, finding: Finding) -> dict[str, Any]:
    return {
        "description": {"text": f"Insert the proof of {finding.declaration}."},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file),
                "replacements": [
                    {
                        "deletedRegion": _region(one.region),
                        "insertedContent": {"text": one.text},
                    }
                    for one in finding.replacements
                ],
            }
        ],
    }


def _location(file: CheckedFile, region: dict[str, int]) -> dict[str, Any]:
    return {"artifactLocation": _artifact(file), "region": region}


def _artifact(file: CheckedFile) -> dict[str, str]:
    if file.name.startswith("/"):
        return {"uri": f"file://{quote(file.name)}"}
    return {"uri": quote(file.name)}


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }
