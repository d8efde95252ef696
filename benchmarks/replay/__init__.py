"""What it costs to read captures back."""
