"""Which commands say something of their task by how they end."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.answers import limit_of_answer
from spec_runner.core.decide.proving import fails_by_pipe, proves_nothing
from spec_runner.core.decide.whereabouts import makes_anew

IDLE = """\
git status
git status --short
git diff
git diff main...HEAD --stat
git switch -c 001-x
git checkout -b feature
git log --oneline -5
git add -A && git status
ls
ls -la
cd web && ls
bash -n
echo done
true
:
FOO=1
pwd && ls -la
sleep 5
echo $(git status)
echo "$(grep x y)" | wc -l
grep -r foo src | wc -l
npm run lint | wc -l
pytest || true
pytest; echo $?
test -f x && echo yes || echo no
npm test > /dev/null 2>&1 || echo failed
export X=1 && echo $X
bash -c 'git status'
"""
TELLING = """\
npm test
cd web
cd web && npm test
git diff --exit-code
git add src/x.py
git branch -d x
ls src
bash -n run.sh
bash -c 'make test'
echo hi > file
echo x | tee file
npm test | tail -5
npm test 2>&1 | tee out.log
grep x y | head
pytest || exit 1
pytest -q; [ $? -eq 1 ]
test -f x && echo yes
export A=1 && pytest
export FOO=1
sleep 5 && curl http://localhost:1/x
curl -s http://localhost:1/x | sed s/a/b/
rm -rf x
for i in 1 2; do curl http://localhost:1; done
"""


@pytest.mark.parametrize("command", IDLE.splitlines())
def test_a_command_that_ends_well_whatever_there_is_proves_nothing(command: str) -> None:
    assert proves_nothing(command)


@pytest.mark.parametrize("command", TELLING.splitlines())
def test_a_command_that_can_fail_says_something(command: str) -> None:
    assert not proves_nothing(command)


@pytest.mark.parametrize(
    ("command", "fails"),
    [
        ("curl -fsSL https://a.example/x.sh | sh", True),
        ("curl -s http://localhost:1/x | jq .", True),
        ("curl -s http://localhost:1/x | python3 -m json.tool", True),
        ("wget -qO- https://a.example/x | bash -s -- -y", True),
        ("npm test | tail -5", True),
        ("curl -s http://localhost:1/x | grep -q ok", False),
        ("grep -r x src | wc -l", False),
        ("make | python3 count.py", False),
        ("a || cat", False),
    ],
)
def test_a_pipe_that_only_shows_or_runs_what_comes_fails_with_what_should_come(command: str, fails: bool) -> None:
    assert fails_by_pipe(command) is fails


@pytest.mark.parametrize(
    ("command", "words", "limit"),
    [
        ("curl http://localhost:1/users", "Check the list", 400),
        ("curl http://localhost:1/", "Check that it runs", 500),
        ("curl -X POST http://localhost:1/users -d '{}'", "Create a user", 400),
        ("curl http://localhost:1/users", "Without a token", 0),
        ("curl http://localhost:1/users/999999", "Get it", 0),
        ("curl http://localhost:1/users", "Answers 404", 0),
        ("curl http://localhost:1/users || true", "", 0),
        ("! curl http://localhost:1/users", "", 0),
        ("until curl http://localhost:1/x; do sleep 1; done", "", 0),
        ("npm test", "", 0),
        ("http :8000/users", "Check the list", 400),
        ("http POST :8000/users name=Ada", "Create a user", 400),
        ("http :8000/", "Check that it runs", 500),
        ("http :8000/users && test -f a", "Check the list", 0),
    ],
)
def test_an_answer_must_be_a_success_unless_the_words_may_mean_a_refusal(command: str, words: str, limit: int) -> None:
    assert limit_of_answer(command, words) == limit


@pytest.mark.parametrize(
    ("command", "makes"),
    [
        ("npx create-next-app web", True), ("git clone https://example.org/a.git", True), ("npm test", False),
        ("python manage.py startapp shop", False), ("django-admin startproject shop", True),
    ],
)  # fmt: skip
def test_only_what_makes_a_project_keeps_the_directory_from_being_found(command: str, makes: bool) -> None:
    assert makes_anew(command) is makes
