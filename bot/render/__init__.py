"""From a `Doc` to a presentation: pure functions, one module per medium."""
