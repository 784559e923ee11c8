"""Gestures as geometry: how an arm is held, for whatever arms a robot has, and poses in order."""
