"""An OMS with an HTTP API: orders from Cdiscount in, decisions and shipments out."""
