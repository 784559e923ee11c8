"""The exams: ONE module each, found by being here. None has data in it that is somebody else's."""
