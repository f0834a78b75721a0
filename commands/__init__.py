"""What a person can ask for: one file per command; `discover` finds them."""
