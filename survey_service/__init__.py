"""Asks: people, questionnaires, rounds, links, sealed ballots. It knows who, and cannot read the answers."""
