"""Named tuples of our own behave as those of the standard library."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from spec_runner.core import record


class Ours(record.NamedTuple):
    """Two fields."""

    first: int
    second: tuple[str, ...] = ()

    @property
    def both(self) -> tuple[object, ...]:
        return (self.first, *self.second)


class Theirs(typing.NamedTuple):
    """Two fields."""

    first: int
    second: tuple[str, ...] = ()

    @property
    def both(self) -> tuple[object, ...]:
        return (self.first, *self.second)


class Nothing(record.NamedTuple):
    """No field."""


def outcome(made: Any, *values: Any, **named: Any) -> object:
    try:
        return tuple(made(*values, **named))
    except TypeError:
        return TypeError


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((1, ("a",)), {}),
        ((1,), {}),
        ((), {"first": 1}),
        ((1,), {"second": ("a",)}),
        ((), {"second": ("a",), "first": 1}),
        ((), {}),
        ((1, (), 3), {}),
        ((1,), {"first": 1}),
        ((1,), {"third": 1}),
    ],
)
def test_values_are_given_by_place_or_by_name(values: Any, named: Any) -> None:
    assert outcome(Ours, *values, **named) == outcome(Theirs, *values, **named)


def test_a_record_is_a_value() -> None:
    made = Ours(1, ("a",))
    assert (made, hash(made)) == ((1, ("a",)), hash((1, ("a",))))
    assert (made.first, made.both, Ours(1).second) == (1, (1, "a"), ())
    assert repr(made) == repr(Theirs(1, ("a",))).replace("Theirs", "Ours")
    for same in (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made._replace(), Ours(**made._asdict())):
        assert (same, type(same)) == (made, Ours)
    with pytest.raises(AttributeError):
        made.first = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        made.third = 2  # type: ignore[attr-defined]


def test_a_record_is_replaced_field_by_field() -> None:
    assert Ours(1)._replace(second=("a",)) == Ours(1, ("a",))
    with pytest.raises(ValueError, match="third"):
        Ours(1)._replace(third=1)  # type: ignore[call-arg]


def test_a_record_is_matched_by_its_fields() -> None:
    made: object = Ours(1, ("a",))
    match made:
        case Ours(first, second=(name,)):
            assert (first, name) == (1, "a")
        case _:
            pytest.fail("no match")


def test_a_record_may_be_empty() -> None:
    assert (Nothing(), Nothing() == Nothing(), repr(Nothing())) == ((), True, "Nothing()")
