"""The sales channel over the Octopia REST API."""
