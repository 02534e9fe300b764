"""How sure it is that a span is meant to be run: features, what they weigh, and where the lines are drawn."""

from __future__ import annotations

import pytest

from spec_runner.core.decide import roles, weights
from spec_runner.core.decide.candidate import Candidate, candidates_of
from spec_runner.core.decide.certainty import certainty_of
from spec_runner.core.decide.features import FEATURES
from spec_runner.core.decide.headings import role_of_heading
from spec_runner.core.decide.score import Feature, Weight, score
from spec_runner.core.text.document import read_document


def candidate_of(text: str) -> Candidate:
    """The last candidate in a task with this text."""
    task = read_document(f"- [ ] T001 {text}\n".encode()).tasks[0]
    return list(candidates_of(task.text, task.title_start))[-1]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Run `npm test`", "run, direct; run, own clause; text runs; known program; ends text"),
        ("Write a query in `a.sql` and run `make sql`", "run, own clause; text makes; file before"),
        ("Verify that `make lint` passes", "verify, outcome; direct"),
        ("Add the client via `go get example.org/x`", "leads; means; leads, changes; make"),
        ("Add a `build` target (`go build .`) to `Makefile`", "leads, written; text makes"),
        ("Run `npm ci` or `pnpm install`", "alternative"),
        ("If it is needed: run `cargo fmt`", "condition"),
        ("Optionally run `cargo fmt`", "optional"),
        ("Stop it with `docker stop`", "unfinished"),
        ("Workflows now run `npm test`", "reported"),
        ("The hook calls `git status`", "spoken of"),
        ("Support forms such as `shop list --all`", "example"),
        ("Agent command: `npm test`", "command; colon"),
        ("The chart passes `helm lint`", "satisfies"),
        ("Write a function to launch `python run.py`", "purpose"),
        ("**Result**: `npm test` gave 3 failures", "in a report"),
        ("Add a `make bench` target", "noun"),
        ("Verify `just` is installed", "is there; one word"),
        ("`uv run pytest` を実行", "asked behind; starts"),
        ("Run `frobnicate --all`", "own, run"),
        ("Run `frobnicate` on each page", "operand behind; own, run"),
        ("Run `grep`", "unfinished"),
        ("Install it: `npm install [library]`", "to fill in"),
    ],
)
def test_a_feature_holds_where_its_words_stand(text: str, names: str) -> None:
    holding = {feature.name for feature in FEATURES if feature.holds(candidate_of(text))}
    assert set(names.split("; ")) <= holding


def test_every_feature_has_a_weight_and_every_weight_a_feature() -> None:
    assert [feature.name for feature in FEATURES] == list(weights.SPANS)


def test_a_weight_rests_on_what_was_labelled() -> None:
    for name, weight in weights.SPANS.items():
        assert 0 <= weight.run <= weight.candidates, name
        assert weight.repositories <= weight.candidates, name


def test_a_score_adds_what_holds_and_says_the_strongest_first() -> None:
    features: list[Feature[str]] = [
        Feature("long", lambda text: len(text) > 3, "it is long"),
        Feature("loud", str.isupper, "it is loud"),
        Feature("never", lambda text: False, "it is never so"),
        Feature("quiet", lambda text: "!" not in text, "it is quiet"),
    ]
    known = {name: Weight(weight, 0, 0, 0) for name, weight in (("long", 1), ("loud", 2), ("never", 9), ("quiet", -3))}
    found = score("AHOY", features, known, 0)
    assert found.probability == 0.5
    assert [feature.reason for feature in found.asks] == ["it is loud", "it is long"]
    assert [feature.reason for feature in found.doubts] == ["it is quiet"]


def test_between_run_and_leave_lies_unsure() -> None:
    assert [certainty_of(each / 20) for each in range(12, 19)] == ["leave"] * 2 + ["unsure"] * 3 + ["run"] * 2


_LANGUAGES = {"zh", "ja", "ko", "ru", "pt", "es", "fr", "de", "sv", "it", "pl", "tr", "ar", "vi"}


def test_every_role_of_a_heading_has_words_in_every_language() -> None:
    assert {role for role, words in roles._ROLES.items() if words.keys() >= _LANGUAGES} == set(roles._ROLES)


@pytest.mark.parametrize(
    ("label", "headings"),
    [
        (
            "troubleshooting",
            "Felsökning; Risoluzione dei problemi; Sorun giderme; Типичные проблемы; 문제 해결; 故障排查",
        ),
        ("deploy", "Деплой на VPS; Driftsättning; Triển khai; Production; 4. Production VPS; 本番環境; Produção"),
        ("cleanup", "Städa; Pulizia; Dọn dẹp; Очистка; 清理"),
        ("optional", "Valfri konfiguration; İsteğe bağlı adım; Необязательно; 可选"),
        ("reference", "Step 7: Common Operations; Step 11: Next Steps"),
        (None, "Step 5: Development Workflow; Step 4: Deploy with Helm; Build for Production; Production build smoke"),
    ],
)
def test_a_heading_plainly_says_what_its_section_is_for(label: str | None, headings: str) -> None:
    assert {heading: role_of_heading(heading) for heading in headings.split("; ")} == dict.fromkeys(
        headings.split("; "), label
    )


@pytest.mark.parametrize("heading", ["Build for Production", "Production build smoke", "本番用ビルド", "生产构建"])
def test_a_build_for_production_is_made_here(heading: str) -> None:
    assert "deploy" not in roles.roles_of(heading)
