"""The application: orders from Cdiscount in, decisions and shipments out."""
