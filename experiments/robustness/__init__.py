"""Where a policy breaks: one thing at a time made worse."""
