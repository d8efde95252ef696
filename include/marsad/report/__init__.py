"""Report: what the gates and rules found of a day, for people: a list of alarms, and a page."""
