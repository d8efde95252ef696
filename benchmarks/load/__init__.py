"""How fast partitions are loaded into warehouses."""
