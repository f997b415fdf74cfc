"""A report as a JUnit file: a suite for each file, a case for each hole and for the elaboration.

A hole that violates the policy has failed; one that is tolerated was skipped.
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from server.check.findings import CheckedFile, Finding, Report, first_line, place
from server.check.policy import Policy

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML file may have."""


def as_junit(report: Report, policy: Policy) -> str:
    """The same report gives the same text."""
    root = Element("testsuites", name="unsorry check")
    for file in report.files:
        root.append(_suite(file, policy))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(file: CheckedFile, policy: Policy) -> Element:
    suite = Element("testsuite", name=_clean(file.name))
    elaborates = SubElement(suite, "testcase", classname=_clean(file.name), name="elaborates")
    if file.problems:
        said = "\n".join(f"{place(problem)}: {problem.message}" for problem in file.problems)
        kind = "error" if policy.forbids_file(file) else "skipped"
        _tell(elaborates, kind, "broken", said)
    for finding in file.findings:
        suite.append(_case(file, finding, policy))
    suite.set("tests", str(len(suite)))
    for count, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"testcase/{kind}"))))
    return suite


def _case(file: CheckedFile, finding: Finding, policy: Policy) -> Element:
    name = f"{finding.declaration} ({place(finding.region)})"
    case = Element("testcase", classname=_clean(file.name), name=_clean(name))
    case.set("file", _clean(file.name))
    case.set("line", str(finding.region.line))
    if finding.kind != "fixed":
        said = "\n\n".join([finding.says, *finding.goals])
        _tell(case, "failure" if policy.forbids(finding) else "skipped", finding.kind, said)
    return case


def _tell(case: Element, outcome: str, kind: str, said: str) -> None:
    told = SubElement(case, outcome, message=_clean(first_line(said)))
    if outcome != "skipped":
        told.set("type", kind)
    told.text = _clean(said)


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
