"""Which commands wait for a person, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.holds import gravest, hold_of

HELD = [
    ("destructive", "rm -rf /"),
    ("destructive", "rm -rf ~"),
    ("destructive", "rm ../other.txt"),
    ("destructive", "rm -rf .git"),
    ("destructive", "cd / && rm -rf data"),
    ("destructive", "X=~; rm -rf $X/docs"),
    ("destructive", "rm -rf $BUILD"),
    ("destructive", "find . -name x | xargs rm -rf /opt/x"),
    ("destructive", "sudo sh -c 'rm -rf /srv'"),
    ("destructive", 'echo "$(rm -rf ~/x)"'),
    ("destructive", "git reset --hard"),
    ("destructive", "git checkout -- shop.py"),
    ("destructive", "git stash"),
    ("destructive", "git branch -D trial"),
    ("destructive", "docker compose down -v"),
    ("destructive", "dropdb shop"),
    ("destructive", "psql -c 'DROP TABLE users'"),
    ("destructive", "npx prisma migrate reset"),
    ("destructive", "go run ./cmd/migrate down"),
    ("destructive", "echo x >> ~/.profile"),
    ("production", "tool migrate --env production"),
    ("outward", "git push"),
    ("outward", "true && git push origin main"),
    ("outward", "bash -c 'git push'"),
    ("outward", "env A=1 gh release create"),
    ("outward", "echo $(gh api user)"),
    ("outward", "npm publish"),
    ("outward", "npm run deploy"),
    ("outward", "kubectl apply -f all.yml"),
    ("outward", "terraform apply"),
    ("outward", "docker push example.org/a"),
    ("outward", "ssh host ls"),
    ("outward", "curl -X POST https://example.org/hook -d a=1"),
    ("privileged", "sudo make install"),
    ("privileged", "apt-get install jq"),
    ("privileged", "cat list | xargs -n 1 sudo touch"),
    ("os", "./build.ps1"),
    ("os", "powershell.exe -File a.ps1"),
    ("os", "C:\\tools\\a.exe"),
    ("os", ".venv\\Scripts\\activate"),
    ("os", "cd C:\\work"),
    ("placeholder", "git clone <repository>"),
    ("placeholder", "curl -H 'Authorization: Bearer <token>' http://localhost/a"),
    ("placeholder", "export KEY=YOUR_KEY"),
    ("placeholder", "export KEY=your-key-here"),
    ("placeholder", "cd /path/to/shop"),
    ("placeholder", "cd /home/ann/shop"),
    ("placeholder", "git clone [repo-url]"),
    ("placeholder", "tool ... --fast"),
    ("placeholder", 'curl -d \'{"t": "abc1def2..."}\' http://localhost/a'),
    ("placeholder", "curl http://localhost:8000/users/{id}"),
    ("interactive", "python"),
    ("interactive", "vim a.py"),
    ("interactive", "psql -U shop"),
    ("interactive", "docker exec -it db bash"),
    ("interactive", "docker compose exec db psql shop"),
    ("interactive", "python manage.py createsuperuser"),
    ("interactive", "npm create vite"),
    ("interactive", "npx create-next-app@latest web"),
    ("interactive", "git commit"),
    ("interactive", "git rebase -i main"),
    ("interactive", "npx playwright test --ui"),
    ("interactive", "redis-cli -h localhost"),
]

FREE = [
    "rm meal.py title.py",
    "rm -rf node_modules dist",
    "rm -rf /tmp/x",
    'd=$(mktemp -d); rm -rf "$d"',
    "git checkout -b trial",
    "git commit -m 'Say why'",
    "git status",
    "go test ./...",
    "git diff main...HEAD",
    "npm run release:check --dry-run",
    "terraform fmt",
    "python main.py",
    "python -c 'print(1)'",
    "echo 'print(1)' | python",
    "psql -U shop -c 'select 1'",
    "psql shop < dump.sql",
    "redis-cli -h localhost ping",
    "docker compose exec -T db psql -c 'select 1'",
    "docker compose up -d",
    "curl -X POST http://localhost:8000/a -d '{}'",
    "curl https://example.org",
    "npm create vite@latest web -- --template react",
    "pip install 'shop[all-extras]'",
    "grep -r '<Button>' src/",
    "echo 'Waiting for it...'",
    "cat > a.html <<'EOF'\n<div>x</div>\nEOF",
    "pwsh ./build.ps1",
    "cd shop",
    "",
]


@pytest.mark.parametrize(("reason", "command"), HELD, ids=[command for _, command in HELD])
def test_a_command_waits_for_a_reason(reason: str, command: str) -> None:
    assert hold_of(command) == reason


@pytest.mark.parametrize("command", FREE)
def test_an_ordinary_command_does_not_wait(command: str) -> None:
    assert hold_of(command) is None


@pytest.mark.parametrize(
    ("system", "command", "reason"),
    [
        ("windows", "./build.ps1", None),
        ("windows", "systemctl status x", "os"),
        ("linux", "xcodebuild test", "os"),
        ("macos", "xcodebuild test", None),
        ("macos", "journalctl -u shop", "os"),
    ],
)
def test_each_system_has_its_own_commands(system: str, command: str, reason: str | None) -> None:
    assert hold_of(command, system=system) == reason


def test_variables_of_earlier_lines_count() -> None:
    assert hold_of("rm -rf $d", variables={"d": "$(mktemp -d)"}) is None
    assert hold_of("rm -rf $d", variables={"d": "/srv"}) == "destructive"


def test_the_gravest_reason_counts() -> None:
    assert gravest(["interactive", None, "outward"]) == "outward"
    assert gravest([None]) is None
    assert hold_of("sudo git push <remote>") == "outward"


@given(st.text(max_size=80) | st.text(st.sampled_from(list("rmx -/~.$(){}<>|&;'\"`\\\n*=#")), max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    hold_of(text)
