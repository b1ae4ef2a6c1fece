"""Which passes to shoot and how: verdicts with reasons, capture plans."""
