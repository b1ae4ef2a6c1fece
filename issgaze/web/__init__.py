"""The status page and its read-only API."""
