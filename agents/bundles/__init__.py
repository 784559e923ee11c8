"""Policy bundles: what a torch policy becomes so that NumPy runs it, and back."""
