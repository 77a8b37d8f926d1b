"""Sales channels: one port, and its implementation over each API."""
