"""Mandarin: words, grammar, numerals, rules of its own and how it is rendered."""
