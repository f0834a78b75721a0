"""The process: front ends, dispatch, identity, schedule, rendering, wiring."""

VERSION = "0.1.0"
