"""Stacks into a picture: composition, tone, caption, charts, encoders."""
