"""The services of the seeded organisation as data: forty written out, in every state that the product must show, and
as many more as wanted, made by rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """What is special about a service."""

    HEALTHY = "healthy"
    PIPELINE_FAILED = "pipeline failed"
    DEPLOYMENT_FAILED = "deployment failed"
    DEPLOYING = "deploying"
    WAITING = "waiting for approval"
    NEVER_DEPLOYED = "never deployed"
    ARCHIVED = "archived project"
    FILE_BROKEN = "file is no YAML"
    FILE_ALIASES = "file has aliases"
    FILE_TOO_LARGE = "file is too large"
    NAME_TAKEN = "claims another project's name"
    OTHER_OWNER = "its file names another owner"


@dataclass(frozen=True, slots=True)
class DemoService:
    """One project with a catalogue file. `claims` is the name in the file where it is not the project's own."""

    slug: str
    group: str
    title: str
    description: str
    lifecycle: str = "production"
    condition: Condition = Condition.HEALTHY
    kind: str = "service"
    system: str = ""
    tags: tuple[str, ...] = ()
    claims: str = ""

    @property
    def name(self) -> str:
        return self.claims or self.slug


GROUPS = (
    ("acme", "Acme"),
    ("acme/platform", "Platform"),
    ("acme/payments", "Payments"),
    ("acme/payments/ledger", "Ledger"),
    ("acme/storefront", "Storefront"),
    ("acme/logistics", "Logistics"),
    ("acme/data", "Data"),
    ("acme/compliance", "Compliance"),
    ("acme/management", "Management"),
)

_PAYMENTS, _SHOP, _LOGISTICS = "acme/payments", "acme/storefront", "acme/logistics"
_DATA, _PLATFORM, _COMPLIANCE = "acme/data", "acme/platform", "acme/compliance"
_C = Condition

SERVICES = (
    DemoService("payments-api", _PAYMENTS, "Payments API", "Takes payments by card and transfer", tags=("java", "pci")),
    DemoService("checkout", _SHOP, "Checkout", "From the cart to the paid order", system="shop", tags=("go",)),
    DemoService("card-vault", _PAYMENTS, "Card vault", "Keeps card numbers as tokens", tags=("rust", "pci")),
    DemoService("refunds", _PAYMENTS, "Refunds", "Gives money back", condition=_C.PIPELINE_FAILED, tags=("java",)),
    DemoService("invoicing", _PAYMENTS, "Invoicing", "Writes and sends invoices", tags=("kotlin",)),
    DemoService("fraud-scoring", _PAYMENTS, "Fraud scoring", "Scores each payment", "experimental", tags=("python",)),
    DemoService("payout-runner", _PAYMENTS, "Payout runner", "Pays merchants", condition=_C.NEVER_DEPLOYED),
    DemoService("tax-rules", _PAYMENTS, "Tax rules", "Computes VAT; use tax-engine instead", "deprecated"),
    DemoService(
        "ledger", "acme/payments/ledger", "Ledger", "Double-entry bookkeeping of all money", tags=("go", "pci")
    ),
    DemoService("settlement", "acme/payments/ledger", "Settlement", "Settles with banks", condition=_C.WAITING),
    DemoService(
        "mailer", _PAYMENTS, "*Mailer* _with_ `markup`", "Sends <https://evil.example|receipts> to <!channel> & more"
    ),
    DemoService("storefront-web", _SHOP, "Storefront", "The shop that customers see", kind="website", system="shop"),
    DemoService("cart", _SHOP, "Cart", "What customers are about to buy", system="shop", tags=("go",)),
    DemoService("search", _SHOP, "Search", "Finds products", system="shop", tags=("elasticsearch",)),
    DemoService(
        "recommendations", _SHOP, "Recommendations", "You may also like", "experimental", tags=("python", "ml")
    ),
    DemoService("wishlist", _SHOP, "Wishlist", "What customers dream of", "experimental", _C.NEVER_DEPLOYED),
    DemoService("promo-engine", _SHOP, "Promotions", "Discounts and vouchers", condition=_C.PIPELINE_FAILED),
    DemoService("gift-cards", _SHOP, "Gift cards", "Sells and redeems gift cards", condition=_C.OTHER_OWNER),
    DemoService("legacy-shop", _SHOP, "Legacy shop", "The shop before 2019", "deprecated", _C.ARCHIVED),
    DemoService("newsletter", _SHOP, "Newsletter", "Weekly offers", condition=_C.FILE_BROKEN),
    DemoService("confetti", _SHOP, "🎉 Confetti 🎊", "Party mode for the shop <!channel>", "experimental"),
    DemoService("shipping", _LOGISTICS, "Shipping", "Books parcels with carriers", system="delivery", tags=("java",)),
    DemoService("tracking", _LOGISTICS, "Tracking", "Where is my parcel", system="delivery", tags=("go",)),
    DemoService(
        "tracking-v2",
        _LOGISTICS,
        "Tracking 2",
        "Claims the name of tracking",
        condition=_C.NAME_TAKEN,
        claims="tracking",
    ),
    DemoService("warehouse-sync", _LOGISTICS, "Warehouse sync", "Stock levels, every minute", condition=_C.DEPLOYING),
    DemoService("returns", _LOGISTICS, "Returns", "Parcels that come back", system="delivery"),
    DemoService("route-planner", _LOGISTICS, "Route planner", "Plans van tours", "experimental", tags=("rust",)),
    DemoService("label-printer", _LOGISTICS, "Label printer", "Prints labels", "deprecated"),
    DemoService("carrier-gateway", _LOGISTICS, "Carrier gateway", "Speaks to carriers", condition=_C.DEPLOYMENT_FAILED),
    DemoService("address-check", _LOGISTICS, "בדיקת כתובות", "فحص العناوين قبل الإرسال"),
    DemoService("events-ingest", _DATA, "Event ingest", "Takes in all events", system="lake", tags=("kafka",)),
    DemoService("customer-360", _DATA, "Customer 360", "All that is known of a customer", system="lake"),
    DemoService("reporting-api", _DATA, "Reporting API", "Figures for dashboards", tags=("python",)),
    DemoService("schema-registry", _DATA, "Schema registry", "Event schemas", condition=_C.FILE_ALIASES),
    DemoService("model-store", _DATA, "Model store", "Trained models", condition=_C.FILE_TOO_LARGE),
    DemoService("gateway", _PLATFORM, "API gateway", "The way in from the internet", tags=("envoy",)),
    DemoService("identity", _PLATFORM, "Identity", "Sign-in for customers and staff", tags=("go", "oidc")),
    DemoService("notifications", _PLATFORM, "Notifications", "Mail, push and text messages", tags=("kotlin",)),
    DemoService("feature-flags", _PLATFORM, "Feature flags", "Switches features on and off", kind="library"),
    DemoService("audit-archive", _COMPLIANCE, "Audit archive", "Keeps evidence for ten years", tags=("java",)),
)

_FIRST = ("amber", "brisk", "coral", "dusty", "eager", "fuzzy", "grand", "hazel", "ivory", "jolly", "keen", "lucid")
_SECOND = ("anchor", "bridge", "comet", "delta", "engine", "forge", "garden", "harbor", "island", "journal", "kernel")
_DOMAINS = (_PAYMENTS, _SHOP, _LOGISTICS, _DATA)
_LIFECYCLES = ("production", "production", "production", "experimental", "deprecated")
_CONDITIONS = (
    *(_C.HEALTHY,) * 12,
    _C.PIPELINE_FAILED,
    _C.NEVER_DEPLOYED,
    _C.DEPLOYMENT_FAILED,
    _C.WAITING,
)
_SQUAD_SIZE = 100


def squads(services: int) -> tuple[tuple[str, str], ...]:
    """Return the further groups (path, name) of an organisation with that many services."""
    count = max(0, services - len(SERVICES))
    return tuple(
        (f"{_DOMAINS[squad % len(_DOMAINS)]}/squad-{squad + 1:03d}", f"Squad {squad + 1}")
        for squad in range(-(-count // _SQUAD_SIZE))
    )


def services(count: int) -> Iterator[DemoService]:
    """Yield that many services: the written ones first, the rest by rule, always the same."""
    yield from SERVICES[:count]
    groups = squads(count)
    for number in range(count - len(SERVICES)):
        first, second = _FIRST[number % len(_FIRST)], _SECOND[number // len(_FIRST) % len(_SECOND)]
        yield DemoService(
            f"{first}-{second}-{number + 1:05d}",
            groups[number // _SQUAD_SIZE][0],
            f"{first.title()} {second.title()} {number + 1}",
            f"The {first} {second} of a large organisation",
            _LIFECYCLES[number % len(_LIFECYCLES)],
            _CONDITIONS[number % len(_CONDITIONS)],
            tags=(first, second),
        )
