"""What is run: engines and ways of centring, seeds, and the sampler's settings for all."""

from dataclasses import dataclass

CHAINS, TUNE, DRAWS, TARGET_ACCEPT = 4, 1000, 1000, 0.9
REFIT_DRAWS = 500
SEEDS = 5


@dataclass(frozen=True)
class Contender:
    """An engine and how it samples group effects.

    Attributes
    ----------
    engine, parametrization : str
    seeds : dict of str to int
        At most so many seeds at a design, so that the whole run stays within the hour; a
        design that is not named takes none.
    repeats_first : bool
        Whether the first seed is run once more, with caches filled, after its cold process.
    """

    engine: str
    parametrization: str
    seeds: dict[str, int]
    repeats_first: bool = True

    @property
    def label(self) -> str:
        """Engine and parametrization, for people and folders."""
        return f"{self.engine} {self.parametrization}"


_EXPLICIT = {"892": 5, "20000": 3, "892-correlated": 3}
_SLOW = {"892": 5, "20000": 2, "892-correlated": 3}  # a minute a fit at 20,000 students
_FEW = {"892": 2, "892-correlated": 2}
CONTENDERS = (
    Contender("collapsed", "integrated", {"892": 5, "20000": 5, "892-correlated": 5}),
    Contender("explicit-nutpie", "centred", _EXPLICIT),
    Contender("explicit-nutpie", "non-centred", _SLOW),
    Contender("explicit-nuts", "non-centred", _FEW, repeats_first=False),
    Contender("bambi", "non-centred", {"892": 2}, repeats_first=False),
    Contender("numpyro", "non-centred", _SLOW),
    Contender("lme4", "REML", _EXPLICIT),
    Contender("rstanarm", "non-centred", _FEW, repeats_first=False),
    Contender("brms", "non-centred", _FEW, repeats_first=False),
)
ENGINES = tuple(dict.fromkeys(contender.engine for contender in CONTENDERS))
DEFAULT_DESIGNS = ("892", "20000")  # correlated slopes on request: explicit ones compile minutes
