"""Commands that take data and policies in and out."""
