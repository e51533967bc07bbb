"""What of a count may be shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """The study's rules."""

    protected: bool
    minimum: int = 10
    base: int = 10
    possible_values: int = 5
