"""Commands that tell the robot something and show what it did."""
