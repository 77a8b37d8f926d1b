"""Orders: their models and `client.orders`."""
