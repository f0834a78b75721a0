"""Slack: slash command, forms, buttons, home tab, events."""
