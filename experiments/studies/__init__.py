"""The committed experiments and what compares training runs."""
