"""From the tree of a text to its Instruction: words, amounts and things, clauses, and their order."""
