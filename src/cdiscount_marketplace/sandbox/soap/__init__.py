"""The SOAP half of the sandbox: its token service and its web service, over the one order book."""
