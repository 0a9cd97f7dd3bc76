"""Tells: opens a sealed letter, mails one digest per rater, remembers the letter id, keeps no link."""
