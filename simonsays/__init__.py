"""You say it, a physically simulated humanoid does it: ``import simonsays; simonsays.say("wave")``.

Nothing heavy is imported before it is used.
"""
