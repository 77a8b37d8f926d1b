"""Ready adapters from the OMS ports to stores: memory and SQL."""
