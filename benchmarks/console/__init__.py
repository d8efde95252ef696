"""The console's pages over a large lake."""
