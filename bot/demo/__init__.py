"""The seeded organisation that the demo and the tests run on: people, groups, services and what happened to them."""
