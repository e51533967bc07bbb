"""The pathways from an exposure through mediators to final outcomes."""
