"""One figure of a bench, beside what it is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` in `unit`. `at_most` or `at_least` is the goal, where there is one. `compared_to` is a figure of the same
    unit that was measured in the same run (`bare Bolt`), for the ratio.
    """

    what: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    compared_to: float | None = None

    @property
    def measured(self) -> str:
        return f"{_number(self.value)} {self.unit}".rstrip()

    @property
    def goal_text(self) -> str:
        if self.at_most is not None:
            return f"<= {_number(self.at_most)} {self.unit}".rstrip()
        return f">= {_number(self.at_least)} {self.unit}".rstrip() if self.at_least is not None else ""

    @property
    def ratio(self) -> float | None:
        """To the figure compared with, or else to the goal."""
        base = next((b for b in (self.compared_to, self.at_most, self.at_least) if b), None)
        return None if base is None else self.value / base

    @property
    def ratio_text(self) -> str:
        return "" if self.ratio is None else f"{self.ratio:.2f}"

    @property
    def verdict(self) -> str:
        if self.at_most is None and self.at_least is None:
            return ""
        met = (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )
        return "met" if met else "MISSED"


def _number(value: float) -> str:
    """Three significant digits, and whole numbers above a thousand with separators."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
