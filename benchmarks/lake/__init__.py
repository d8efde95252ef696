"""What compaction saves a reader of a long span, and what a claim and a publish cost."""
