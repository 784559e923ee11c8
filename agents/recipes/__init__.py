"""Recipes: how a policy is trained, as frozen, validated data."""
