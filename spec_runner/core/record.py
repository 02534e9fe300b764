"""Named tuples as ``typing`` has them, defined in a tenth of the time.

A plan needs seventy of them, and defining these was a twelfth of a dry run. What is dear is the constructor, which is
written as source and compiled; here that waits for the first instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    # The getter that ``collections.namedtuple`` gives its fields.
    from collections import _tuplegetter

    class _Definition(type):
        """Makes a class of a list of annotated fields."""

        def __new__(cls, name, bases, space):
            made = super().__new__(cls, name, bases or (tuple,), {**space, "__slots__": ()})
            made._fields = made.__match_args__ = tuple(made.__annotations__)
            made._field_defaults = {field: space[field] for field in made._fields if field in space}
            for index, field in enumerate(made._fields):
                setattr(made, field, _tuplegetter(index, None))
            return made

    class NamedTuple(metaclass=_Definition):
        """A tuple whose places have names."""

        def __new__(cls, /, *values, **named):
            cls.__new__ = staticmethod(_constructor(cls))
            return cls(*values, **named)

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changes):
            made = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"no such fields: {', '.join(changes)}")
            return made

    def _constructor(cls):
        """The function that takes the fields as its parameters, and their defaults."""
        values = "".join(f"{field}, " for field in cls._fields)
        made = eval(f"lambda cls, {values}: new(cls, ({values}))", {"new": tuple.__new__})
        made.__defaults__ = tuple(cls._field_defaults.values())
        return made
