"""A stateful Cdiscount on your own machine."""
