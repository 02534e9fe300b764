"""A value that somebody gave in confidence is in nothing that a run keeps or shows."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.conftest import Project

VALUE = "s3cr3t-valu3/with+signs 20:15:03 & more"
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ"


def everything(project: Project) -> str:
    """Every file of the repository that a run may have written."""
    files = [path for path in (project.root / project.spec).rglob("*") if path.is_file()]
    files += [path for path in (project.root / ".specify").rglob("*") if path.is_file()]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def pieces(value: str) -> set[str]:
    return {value[at : at + 6] for at in range(len(value) - 5)}


@pytest.fixture
def project_with_secrets(project: Project, tmp_path: Path) -> Project:
    (tmp_path / "values").write_text(f"API_TOKEN='{VALUE}'\nSHORT_SECRET=abc\nPORT=80\n", encoding="utf-8")
    project.environment = {"CI_TOKEN": TOKEN}
    project.write(
        "show.py",
        "import base64, os, sys, urllib.parse\n"
        "from pathlib import Path\n"
        "value = Path('.env').read_text().partition('=')[2].strip().strip(\"'\")\n"
        f"token = ''.join({list(TOKEN)!r})\n"
        "coded = base64.b64encode(value.encode()).decode()\n"
        "behind = f'\\n{value} {value!r} {urllib.parse.quote(value)} {coded} {token}\\n'\n"
        "behind += f'\\033[1m{value[:4]}\\033[0m{value[4:]}\\nfatal: {value}\\n'\n"
        "wide, kept = int(sys.argv[1]), 64 * 1024\n"
        "os.write(1, b'.' * (kept - wide) + value.encode() + b'.' * kept)\n"
        "os.write(1, b'.' * kept + value.encode() + b'.' * (kept - wide - len(behind)))\n"
        "for at in range(0, len(behind), 7):\n"
        "    os.write(1, behind[at:at + 7].encode())\n"
        "sys.exit(3)\n",
    )
    return project


@pytest.mark.parametrize("wide", ["1", "4", "10", "37"])
def test_a_secret_is_nowhere(project_with_secrets: Project, tmp_path: Path, wide: str) -> None:
    project = project_with_secrets
    project.tasks(
        f"- [ ] T001 Configure environment variables (`API_TOKEN`) in a `.env` file\n- [ ] T002 Run `python show.py {wide}`\n"
    )
    done = project.run_spec("--json", "--env-file", str(tmp_path / "values"))
    assert (done.code, project.marks) == (1, "X "), done.err + project.text()
    assert "(FAILED: exit 3: fatal: •••)" in project.text()
    told = done.out + done.err + everything(project)
    for secret in (VALUE, TOKEN, base64.b64encode(VALUE.encode()).decode()):
        assert not pieces(secret) & pieces(told)
    warning = "too short or too common to be masked where it is printed: the value of SHORT_SECRET"
    assert warning in done.json["warnings"] and "abc" not in warning
