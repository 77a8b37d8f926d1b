"""One declaration per element: from it follow the object, its decoder, its encoder, and the contract."""
