"""The OMS side: jobs that pull orders, decide on them and report shipments, over small ports to your system."""
