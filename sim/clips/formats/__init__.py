"""Formats of motion clips: ONE module each, found by being here."""
