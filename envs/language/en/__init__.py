"""English: words, grammar, numbers, rules of its own and how it is rendered."""
