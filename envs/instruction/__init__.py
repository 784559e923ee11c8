"""The task of doing what a sentence says, end to end."""
