"""Write a package of 200,000 offers: how fast, and how much memory the whole process takes for it.

Run `python benchmarks/packages.py [offers]`; the last line is JSON. The offers come from an iterator and leave through
an upload, as a shop's would; the marketplace's answer is at hand, so that the time is the client's own. Memory is the
peak of what a new process occupies, interpreter and SDK included.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from cdiscount_marketplace.soap import (
    OfferPackage,
    OfferPackageReport,
    OfferRequest,
    ProductCondition,
    ShippingRequest,
)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support.scripted import answering

OFFERS = 200_000
READ_AT_ONCE = 1 << 20
# What Linux counts in kilobytes, macOS counts in bytes.
UNIT = 1 if sys.platform == "darwin" else 1024


def feed(count: int) -> Iterator[OfferRequest]:
    """Read a warehouse's feed."""
    for number in range(count):
        yield OfferRequest(
            seller_product_id=f"SKU-{number:06d}",
            product_ean=f"37{number:011d}",
            product_condition=ProductCondition.NEW,
            price=Decimal("19.90"),
            vat_rate=Decimal(20),
            eco_tax=Decimal("0.02"),
            dea_tax=Decimal(0),
            stock=number % 50,
            preparation_time=2,
            comment=f"Boîte n° {number}, état <neuf> & scellé",
            shipping=[
                ShippingRequest(delivery_mode=mode, shipping_charges=Decimal("4.90"))
                for mode in ("Standard", "Tracked")
            ],
        )


def submit(count: int) -> dict[str, float]:
    """Write, upload and submit a package in this process."""
    sizes: list[int] = []

    def upload(file: BinaryIO, _name: str) -> str:
        sizes.append(sum(map(len, iter(lambda: file.read(READ_AT_ONCE), b""))))
        return "https://files.example.com/offers.zip"

    client = answering(OfferPackageReport(operation_success=True, package_id=1)).client()
    begun = time.process_time()
    client.offers.submit_package(OfferPackage(offers=feed(count)), upload=upload)
    took = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
    return {"offers_per_s": round(count / took), "peak_mb": round(peak / 1e6, 1), "file_mb": round(sizes[0] / 1e6, 1)}


def main(arguments: list[str]) -> None:
    """Measure in a new process, print, and end with one JSON line."""
    count = int(arguments[-1]) if arguments and arguments[-1].isdecimal() else OFFERS
    if arguments[:1] == ["--here"]:
        print(json.dumps({"offers": count, **submit(count)}))
        return
    command = [sys.executable, __file__, "--here", str(count)]
    print(subprocess.run(command, capture_output=True, text=True, check=True).stdout, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
