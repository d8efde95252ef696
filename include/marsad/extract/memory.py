"""What a reader keeps in mind from sentence to sentence: who spoke last, who acted since."""

from __future__ import annotations

from dataclasses import dataclass

from marsad.extract.reports import Cue, Report, goes_on

CARRY_PARAGRAPHS = 3
"""A speaker named further back than this many paragraphs is not carried: the reader has lost him too."""


@dataclass(slots=True)
class Memory:
    """What a reader keeps in mind from sentence to sentence."""

    last: Report | None = None
    paragraph: int = 0
    number: int = 0
    quoted: bool = False
    earlier: Report | None = None
    """The report before the last in the paragraph, where the verbs' genders tell the two apart."""
    actor: Report | None = None
    """Who acted since, without a word of his reported: «استقبل الرئيس السفير. وقال: …»."""

    def recall(self, cue: Cue | None = None) -> Report | None:
        """The last report, if it is near enough to be carried.

        Args:
            cue: the verb that names nobody. أضاف goes on with the one who spoke; behind others the words may be
                those of whoever acted since.
        """
        if self.actor is not None and cue is not None and not goes_on(cue):
            return self.actor
        if self.last is None or self.number - self.paragraph > CARRY_PARAGRAPHS:
            return None
        return self.last

    def keep(self, report: Report | None) -> None:
        """Note the report just read; None where someone unnamed has taken the word."""
        if report is None or self.paragraph != self.number:
            self.earlier = None
        elif self.last is not None and not agree(report.gender, self.last.gender):
            self.earlier = self.last
        self.last, self.paragraph, self.actor = report, self.number, None


def agree(one: str | None, other: str | None) -> bool:
    """Whether two genders may be of one person; None may be of any."""
    return one is None or other is None or one == other
