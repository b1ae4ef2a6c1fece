"""Adapters for real hardware and services, one per file."""
