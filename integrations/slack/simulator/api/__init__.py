"""The Web API: one module per family of methods, and the endpoint that checks every call before they see it."""
