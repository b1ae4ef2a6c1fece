"""The words of captions: one module per language, each with a `WORDS`."""
