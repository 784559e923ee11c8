"""Whether a policy walks in other engines, on other models of its robot, and under what a real one adds."""
