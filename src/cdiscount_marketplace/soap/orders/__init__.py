"""Orders: their models, the plans for what can be done to them, and `client.orders`."""
