"""What a check found as SARIF 2.1.0, which services for code scanning read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from spec_runner.core.evidence.baseline import Placed
from spec_runner.core.evidence.check import CODES, is_note
from spec_runner.core.text.printable import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_text(found: Iterable[Placed], errors: Sequence[str], version: str) -> str:
    """One run with its findings; ``errors`` are why specs could not be read."""
    rules = [
        {
            "id": code,
            "shortDescription": {"text": text},
            "defaultConfiguration": {"level": "note" if is_note(code) else "error"},
        }
        for code, text in CODES.items()
    ]
    run = {
        "tool": {"driver": {"name": "spec-run", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not errors,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": visible(error)}} for error in errors
                ],
            }
        ],
        "results": [_result(each) for each in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _result(each: Placed) -> dict[str, Any]:
    finding = each.finding
    place = {"artifactLocation": {"uri": quote(each.path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"}}
    return {
        "ruleId": finding.code,
        "ruleIndex": list(CODES).index(finding.code),
        "level": "note" if finding.is_note else "error",
        "message": {"text": visible(finding.message)},
        "locations": [{"physicalLocation": {**place, "region": {"startLine": finding.line}}}],
        "partialFingerprints": {"specRunLine/v1": each.fingerprint},
    }
