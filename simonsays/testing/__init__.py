"""Contract tests as functions, for plug-ins: each raises AssertionError with what is wrong and how to mend it."""
