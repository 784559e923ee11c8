"""Commands that train policies and look at trainings."""
