"""Skills of the legs."""
