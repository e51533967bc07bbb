"""What every section of a study definition shares: no unknown key, no change, no coercion."""

from pydantic import BaseModel, ConfigDict

Scalar = bool | int | float | str


class Section(BaseModel):
    """One section of `study.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
