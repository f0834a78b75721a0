"""The workspace page: what a person sees of the simulated Slack in a browser."""
