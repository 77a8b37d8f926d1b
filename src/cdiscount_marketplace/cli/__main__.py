"""Let `python -m cdiscount_marketplace.cli` be the command."""

from cdiscount_marketplace.cli import main

main()
