"""The `junit` format: XML in the form of JUnit's reports, which most CI servers show.

A file with findings is a test suite, and each of its findings a test that failed. Where there is none, there is one
test that passed, because some servers take a report without tests for a failure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerasfix.report.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from kerasfix.batch import FileResult
    from kerasfix.report.style import Style

_NOT_IN_XML = re.compile("[\ufffe\uffff]")
"""What `safe` leaves of the characters that XML 1.0 forbids."""


def render(results: Sequence[FileResult], style: Style) -> str:
    """All findings, and the files that could not be checked, as an XML document."""
    from xml.etree import ElementTree as ET

    concerned = [result for result in results if result.diagnostics or result.error]
    tests = sum(len(result.diagnostics) for result in concerned)
    errors = sum(result.error is not None for result in concerned)
    root = ET.Element("testsuites", _attributes("kerasfix", tests, errors))
    for result in concerned:
        root.append(_suite(result))
    if not concerned:
        suite = ET.SubElement(root, "testsuite", {"name": "kerasfix", "tests": "1", "failures": "0", "errors": "0"})
        ET.SubElement(suite, "testcase", {"name": "no findings", "classname": "kerasfix"})
        root.set("tests", "1")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(result: FileResult) -> Element:
    from xml.etree import ElementTree as ET

    path = _text(result.path)
    suite = ET.Element("testsuite", _attributes(path, len(result.diagnostics), int(result.error is not None)))
    if result.error is not None:
        case = ET.SubElement(suite, "testcase", {"name": "error", "classname": path, "file": path})
        ET.SubElement(case, "error", {"message": _text(result.error)})
    for diagnostic in result.diagnostics:
        assert result.document is not None, "a finding is in a document"
        place = result.document.place(diagnostic.start)
        message = _text(diagnostic.message)
        row = str(result.document.file_row(diagnostic.start))
        case = ET.SubElement(
            suite,
            "testcase",
            {"name": f"{diagnostic.code} {diagnostic.name} at {place}", "classname": path, "file": path, "line": row},
        )
        failure = ET.SubElement(case, "failure", {"message": message, "type": diagnostic.severity.value})
        failure.text = f"{path}:{place}: {diagnostic.code} {message}"
    return suite


def _attributes(name: str, failures: int, errors: int) -> dict[str, str]:
    return {"name": name, "tests": str(failures + errors), "failures": str(failures), "errors": str(errors)}


def _text(text: str) -> str:
    """The text without a character that XML or a terminal could take amiss."""
    return _NOT_IN_XML.sub("\ufffd", safe(text))
