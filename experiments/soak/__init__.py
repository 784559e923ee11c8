"""A long run of everything at once (``simon soak``): does it hold, and does it hold on to nothing?"""
