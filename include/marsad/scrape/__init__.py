"""Scrape: discover a source's URLs for a day, fetch them politely, keep every byte."""
