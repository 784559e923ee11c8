"""Skills of arms and trunk."""
