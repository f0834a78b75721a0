"""What the platform talks to: one package per backend, each behind a port in our words.

Backends do not know each other; the only thing that they share is `integrations.errors`.
"""
