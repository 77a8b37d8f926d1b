"""The sandbox's REST half: Octopia's token service and seller API over the same order book."""
