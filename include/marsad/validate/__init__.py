"""Validate: rules that need more than one dataset of a partition, or more than one day."""
