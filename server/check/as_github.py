"""A report as commands of a GitHub workflow: annotations in the files, a summary in the log."""

from server.check.findings import CheckedFile, Finding, Report
from server.check.policy import Policy

Properties = dict[str, str | int]
_WORTH_A_WARNING = ("provable", "refuted")


def as_github(report: Report, policy: Policy) -> str:
    """What violates the policy is an error, the rest a warning or a notice."""
    lines = [line for file in report.files for line in _file(file, policy)]
    violations = policy.violations(report)
    failed = [_command("error", {"title": "Unsorry"}, f"{violations}.")] if violations else []
    return "\n".join([*lines, report.summary, *failed])


def _file(file: CheckedFile, policy: Policy) -> list[str]:
    lines = []
    for problem in file.problems:
        level = "error" if policy.forbids_file(file) else "warning"
        properties: Properties = {
            "file": file.name,
            "line": problem.line,
            "col": problem.column,
            "title": "Does not elaborate",
        }
        lines.append(_command(level, properties, problem.message))
    return [*lines, *(_hole(file, finding, policy) for finding in file.findings)]


def _hole(file: CheckedFile, finding: Finding, policy: Policy) -> str:
    region = finding.region
    level = "warning" if finding.kind in _WORTH_A_WARNING else "notice"
    properties: Properties = {
        "file": file.name,
        "line": region.line,
        "endLine": region.end_line,
        "col": region.column,
        "endColumn": region.end_column,
        "title": f"{finding.kind.capitalize()} sorry",
    }
    goals = "\n\n".join(finding.goals)
    said = f"{finding.declaration}: {finding.says}\n\n{goals}"
    return _command("error" if policy.forbids(finding) else level, properties, said)


def _command(name: str, properties: Properties, message: str) -> str:
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {shown}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
