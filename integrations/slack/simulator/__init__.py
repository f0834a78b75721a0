"""A local Slack: the Web API, signed deliveries, and a workspace page for people."""
