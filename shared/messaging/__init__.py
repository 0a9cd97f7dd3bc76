"""How services speak: a promise, two keepers of it, and the outbox and inbox around them."""
