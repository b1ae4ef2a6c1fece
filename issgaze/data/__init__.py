"""Star catalogue, the demo's element set and names: files only."""
