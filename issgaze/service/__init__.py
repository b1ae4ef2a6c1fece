"""The programs: observe, develop, fetch, and the wiring that chooses real or simulated."""
