"""The live robot: a session that takes instructions while it runs, and the local web page that shows it."""
