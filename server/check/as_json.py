"""A report for programs, and for `--baseline`: one JSON object."""

import json
from typing import Any

from server.check.findings import CheckedFile, Finding, Problem, Region, Report
from server.check.policy import Policy

FORMAT = 1
"""Raised when a field changes its meaning or goes; others may come."""


def as_json(report: Report, policy: Policy) -> str:
    """The same report gives the same text."""
    counts: dict[str, int] = {kind: report.counts[kind] for kind in sorted(report.counts)}
    content: dict[str, Any] = {
        "format": FORMAT,
        "lean": report.lean,
        "caveat": report.caveat,
        "files": [_file(file, policy) for file in report.files],
        "summary": {"files": len(report.files), "broken": len(report.broken), **counts},
        "fail_on": policy.fail_on,
        "violations": policy.violations(report),
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _file(file: CheckedFile, policy: Policy) -> dict[str, Any]:
    return {
        "file": file.name,
        "elaborates": file.elaborates,
        "new": file.new,
        "violation": policy.forbids_file(file),
        "errors": [_problem(problem) for problem in file.problems],
        "holes": [_hole(finding, policy) for finding in file.findings],
        "note": file.note,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "column": problem.column, "message": problem.message}


def _hole(finding: Finding, policy: Policy) -> dict[str, Any]:
    return {
        **_region(finding.region),
        "declaration": finding.declaration,
        "goals": list(finding.goals),
        "key": finding.key,
        "verdict": finding.kind,
        "script": finding.script,
        "helper": finding.helper,
        "counterexample": finding.counterexample,
        "reason": finding.reason,
        "edits": [{**_region(one.region), "text": one.text} for one in finding.replacements],
        "known": finding.known,
        "new": finding.new,
        "violation": policy.forbids(finding),
    }


def _region(region: Region) -> dict[str, int]:
    return {
        "line": region.line,
        "column": region.column,
        "end_line": region.end_line,
        "end_column": region.end_column,
    }
