"""What can be done here. Each takes a session first and plain values after it, and never commits."""
