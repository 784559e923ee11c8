"""Recordings and policies in other people's formats and places."""
