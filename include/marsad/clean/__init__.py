"""Clean: from a captured page to its stories: what is told, by whom, when, and nothing else."""
