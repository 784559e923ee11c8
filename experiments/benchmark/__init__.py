"""The benchmark: every sentence of a suite in scenes of its own, done, judged twice, and told with intervals."""
