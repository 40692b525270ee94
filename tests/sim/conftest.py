"""What the tests of the simulator share."""
