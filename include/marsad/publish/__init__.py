"""Publish: accepted rows to the public partition, manifest last."""
