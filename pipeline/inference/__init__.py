"""Running networks: devices, precision, weights, batches, and the work beside them."""
