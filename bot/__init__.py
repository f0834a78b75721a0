"""The process: front ends, dispatch, identity, schedule, rendering, wiring."""
