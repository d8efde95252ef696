"""Extract: who said what, who and where, when, how many; every finding with its offsets."""
