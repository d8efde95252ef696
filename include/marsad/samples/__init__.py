"""Sample sites: four small Arabic news sites of our own, and one that is down.

They are the demo and the tests' input. Every story, name and figure is invented.
"""
