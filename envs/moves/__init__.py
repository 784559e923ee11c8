"""What skills share: the contract of a skill, lines, ways, aims, arms."""
