"""A step of the action: say the result in one comment of the pull request, which each run brings up to date.

What is in the environment is set by action.yml. Nobody's build fails because a comment could not be written: a token of
a fork may not.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

_MOST = 65_000
"""Characters: GitHub refuses a comment of more than 65,536."""
_CUT = "\n\n*More is in the summary of the job.*\n"
_PAGES = 30


def main() -> int:
    """Write the comment, or say why not."""
    environment = os.environ
    number = int(environment["SPEC_RUN_PULL_REQUEST"])
    job = f"{environment.get('GITHUB_WORKFLOW')}/{environment.get('GITHUB_JOB')}/{environment['SPEC_RUN_COMMAND']}"
    mark = f"<!-- spec-run {sha256(job.encode()).hexdigest()[:16]} -->"
    text = cut(Path(environment["SPEC_RUN_SUMMARY"]).read_text(encoding="utf-8"))
    headers = {"Authorization": f"Bearer {environment['SPEC_RUN_TOKEN']}", "Accept": "application/vnd.github+json"}
    address = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        try:
            print(f"comment {put(client, number, mark, f'{mark}{chr(10)}{text}')}")
        except httpx.HTTPError as error:
            reason = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
            print(f"::warning title=spec-run::no comment was written ({reason}): it needs pull-requests write")
    return 0


def put(client: httpx.Client, number: int, mark: str, body: str) -> str:
    """Bring the comment with this mark up to date, or write a new one. Raises HTTPError where GitHub refuses."""
    old = _comment(client, number, mark)
    if old is None:
        client.post(f"/issues/{number}/comments", json={"body": body}).raise_for_status()
        return "written"
    client.patch(f"/issues/comments/{old}", json={"body": body}).raise_for_status()
    return "brought up to date"


def _comment(client: httpx.Client, number: int, mark: str) -> int | None:
    """The comment that begins with the mark. Only that of a program: anyone can write the same letters."""
    for page in range(1, _PAGES + 1):
        answer = client.get(f"/issues/{number}/comments", params={"per_page": 100, "page": page}).raise_for_status()
        comments: list[dict[str, Any]] = answer.json()
        for each in comments:
            if each["body"].startswith(mark) and each["user"]["type"] == "Bot":
                return int(each["id"])
        if len(comments) < 100:
            break
    return None


def cut(text: str) -> str:
    """As many whole parts of a summary as fit into a comment; an empty line ends a part."""
    if len(text) <= _MOST:
        return text
    return text[: text.rfind("\n\n", 0, _MOST - len(_CUT))] + _CUT


if __name__ == "__main__":
    sys.exit(main())
