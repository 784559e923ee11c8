"""Motions of the legs: ONE module each, found by being here."""
