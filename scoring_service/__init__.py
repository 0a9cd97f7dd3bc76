"""Counts: round keys, opening, scores by policy, release. It reads the answers, and is never told who."""
