"""Adapters for a simulated world, one per port, with physics and failures on cue."""
