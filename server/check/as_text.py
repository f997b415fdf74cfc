"""A report for people, as lines."""

from server.check.findings import CheckedFile, Finding, Report, first_line, place
from server.check.policy import Policy
from server.prove_report import shortened


def as_text(report: Report, policy: Policy) -> str:
    """Files that have something to tell, a summary, and what violates the policy."""
    lines: list[str] = []
    for file in report.files:
        if file.findings or file.problems:
            lines += [*_file(file), ""]
    lines.append(report.summary)
    if violations := policy.violations(report):
        lines.append(f"Failed (--fail-on {policy.fail_on}): {violations}.")
    return "\n".join(lines)


def _file(file: CheckedFile) -> list[str]:
    lines = [file.name]
    if file.problems:
        lines.append("  does not elaborate")
    for problem in file.problems:
        lines.append(f"  {place(problem):<8}error: {first_line(problem.message)}")
    for finding in file.findings:
        lines += _finding(finding)
    return [*lines, f"  {file.note}"] if file.note else lines


def _finding(finding: Finding) -> list[str]:
    first, *more = finding.says.split("\n")
    return [
        f"  {place(finding.region):<8}{finding.declaration}   {shortened(finding.goals)}",
        f"          {first}",
        *(f"            {line}" for line in more),
    ]
