"""The store: catalogue, audit chain, operations, outbox, keys. Import the port from here."""

from integrations.store.port.audit import AuditEntry, AuditLog, AuditQuery, AuditRecord, Head, Phase, Verification
from integrations.store.port.catalogue import Catalogue, CatalogueIndex, CatalogueProblem, Service, ServiceQuery
from integrations.store.port.feedback import Answer, Feedback, FeedbackSummary
from integrations.store.port.keys import UniqueKeys
from integrations.store.port.offers import Offer, Offers
from integrations.store.port.operations import Operation, Operations, OperationState, StepResult
from integrations.store.port.outbox import Delivery, Outbox, Outgoing
from integrations.store.port.page import Page
from integrations.store.port.preferences import Preferences
from integrations.store.port.store import Store, Swept

__all__ = [
    "Answer",
    "AuditEntry",
    "AuditLog",
    "AuditQuery",
    "AuditRecord",
    "Catalogue",
    "CatalogueIndex",
    "CatalogueProblem",
    "Delivery",
    "Feedback",
    "FeedbackSummary",
    "Head",
    "Offer",
    "Offers",
    "Operation",
    "OperationState",
    "Operations",
    "Outbox",
    "Outgoing",
    "Page",
    "Phase",
    "Preferences",
    "Service",
    "ServiceQuery",
    "StepResult",
    "Store",
    "Swept",
    "UniqueKeys",
    "Verification",
]
