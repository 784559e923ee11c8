"""The kinds of trunks, a file each."""
