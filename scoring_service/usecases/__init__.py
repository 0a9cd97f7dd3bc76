"""What the scoring service can be asked to do."""
