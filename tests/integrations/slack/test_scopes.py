from __future__ import annotations

from integrations.slack.scopes import SCOPES, Feature, disabled, missing

ALL = frozenset(scope.name for scope in SCOPES)


def test_nothing_missing() -> None:
    """A token with every scope lacks nothing and disables nothing."""
    assert missing(ALL) == ()
    assert disabled(ALL) == {}


def test_required_is_missing() -> None:
    """A required scope that was not granted is named."""
    assert [scope.name for scope in missing(ALL - {"users:read"})] == ["users:read"]


def test_withheld_scope_disables_its_feature_only() -> None:
    """Withholding an optional scope disables the feature that it is for, and no other."""
    granted = ALL - {"files:write"}
    assert missing(granted) == ()
    assert {feature: [s.name for s in lacking] for feature, lacking in disabled(granted).items()} == {
        Feature.FILES: ["files:write"]
    }


def test_every_feature_has_a_scope() -> None:
    """Every optional feature needs at least one scope; without, it would not be Slack's to withhold."""
    assert {scope.feature for scope in SCOPES if scope.feature} == set(Feature)
