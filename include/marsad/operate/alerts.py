"""Alerts: one message for a day of a source that says what broke, since when, and the one thing to do.

Sent to webhooks (Slack's and others') and by mail. What goes on is told when it begins, and again every
week; a silence, which has a reason and an end, keeps a check quiet.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, Literal
from urllib.parse import urlsplit

import requests

from marsad.errors import MarsadError, UsageError
from marsad.gate.override import Override, read_decisions
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.report.alarms import Alarm, alarms_of

REMINDED_DAYS = 7
"""How often what goes on is told again."""
TIMEOUT_S = 10.0
SHOWN = 3
"""Pages shown of each alarm."""

Kind = Literal["slack", "webhook", "smtp"]


class AlertFailed(MarsadError):
    """An alert could not be delivered; the run it tells of is not touched by that."""


@dataclass(frozen=True)
class Channel:
    """Where alerts go. Never shown with its secrets."""

    name: str
    kind: Kind
    url: str = ""
    token: str = ""
    """A webhook's bearer token."""
    host: str = ""
    port: int = 25
    login: str = ""
    password: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    with_tls: bool = True

    def __repr__(self) -> str:
        return f"Channel({self.name!r}, {self.kind!r})"


@dataclass(frozen=True)
class Alert:
    """One message."""

    partition: Partition
    headline: str
    lines: tuple[str, ...]
    alarms: tuple[Alarm, ...] = ()

    @property
    def text(self) -> str:
        """As plain text; Arabic is set apart, so that each line keeps its order."""
        return "\n".join((self.headline, *self.lines))

    def as_json(self) -> dict[str, Any]:
        """As a webhook gets it."""
        return {
            "text": self.text,
            "source": self.partition.source,
            "date": self.partition.date.isoformat(),
            "alarms": [
                {
                    "check": a.check,
                    "dataset": a.dataset,
                    "blocks": a.is_blocking,
                    "observed": a.observed,
                    "since": a.since.isoformat() if a.since else None,
                    "todo": a.todo,
                    "evidence": a.evidence.split("\n") if a.evidence else [],
                }
                for a in self.alarms
            ],
        }


def alert_of(partition: Partition, lake: Lake, now: datetime | None = None, failure: str | None = None) -> Alert | None:
    """The alert of a day, None where nobody need be told.

    Args:
        failure: why a task failed, where one did: then the alert is sent whatever is silenced.
    """
    moment = now or datetime.now(UTC)
    silences = [s for s in read_decisions(lake, "silence") if s.is_active(moment)]
    told = [a for a in alarms_of(partition.date, lake, partition.source) if _is_to_be_told(a, silences)]
    if failure is None and not told:
        return None
    blocks = failure is not None or any(a.is_blocking for a in told)
    headline = f"marsad: {partition}: {'stopped' if blocks else 'published with warnings'}"
    lines = [failure] if failure is not None else []
    for alarm in told:
        since = f", since {alarm.since}" if alarm.since and alarm.since != partition.date else ""
        lines.append(f"{'✗' if alarm.is_blocking else '!'} {alarm.check}{since}: {_isolated(alarm.observed)}")
        lines += [f"    {_isolated(page)}" for page in alarm.evidence.split("\n")[:SHOWN] if page]
        lines += [f"    do: {alarm.todo}"] if alarm.todo else []
    return Alert(partition, headline, tuple(lines), tuple(told))


def _is_to_be_told(alarm: Alarm, silences: Sequence[Override]) -> bool:
    if alarm.override or any(s.covers(alarm.partition, alarm.check) for s in silences):
        return False
    days = (alarm.partition.date - alarm.since).days if alarm.since else 0
    return alarm.is_blocking or days % REMINDED_DAYS == 0


def deliver(alert: Alert, channel: Channel) -> None:
    """Send an alert.

    Raises:
        AlertFailed: it did not arrive; names the channel, never its secrets.
    """
    send: Mapping[Kind, Callable[[Alert, Channel], None]] = {"slack": _post, "webhook": _post, "smtp": _mail}
    try:
        send[channel.kind](alert, channel)
    except (requests.RequestException, smtplib.SMTPException, OSError) as error:
        # requests writes addresses into its messages, and a webhook's address is its secret
        why = type(error).__name__
        status = getattr(getattr(error, "response", None), "status_code", None)
        raise AlertFailed(f"alert channel {channel.name}: {why}" + (f", HTTP {status}" if status else "")) from None


def _post(alert: Alert, channel: Channel) -> None:
    body = {"text": alert.text} if channel.kind == "slack" else alert.as_json()
    headers = {"Authorization": f"Bearer {channel.token}"} if channel.token else {}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(channel.url, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()


def _mail(alert: Alert, channel: Channel) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(alert.headline.split())
    message["From"], message["To"] = channel.sender, ", ".join(channel.recipients)
    message.set_content(alert.text)
    with smtplib.SMTP(channel.host, channel.port, timeout=TIMEOUT_S) as server:
        if channel.with_tls:
            server.starttls()
        if channel.login:
            server.login(channel.login, channel.password)
        server.send_message(message)


def channel_of(
    name: str, conn_type: str | None, *, host: str, port: int | None, login: str, password: str, schema: str, extra: Any
) -> Channel:
    """A channel of what an Airflow connection holds.

    ``slackwebhook`` and ``http`` are webhooks (the password is the address's last part for Slack, a bearer token
    else; ``extra.path`` the path); ``smtp`` is mail (``extra.from_email``, ``extra.to``, ``extra.disable_tls``).

    Raises:
        UsageError: a kind there is no channel for, or something is missing.
    """
    given: Mapping[str, Any] = extra if isinstance(extra, Mapping) else {}
    if conn_type in ("slackwebhook", "slack", "http", "https"):
        base = host if "://" in host else f"{schema or 'https'}://{host}" + (f":{port}" if port else "")
        is_slack = conn_type.startswith("slack")
        path = password if is_slack else str(given.get("path", ""))
        url = f"{base.rstrip('/')}/{path.lstrip('/')}" if path else base
        if not urlsplit(url).hostname:
            raise UsageError(f"connection {name}: has no host")
        return Channel(name, "slack" if is_slack else "webhook", url=url, token="" if is_slack else password)
    if conn_type == "smtp":
        to = given.get("to") or ()
        recipients = tuple(t.strip() for t in to.split(",")) if isinstance(to, str) else tuple(to)
        sender = str(given.get("from_email") or login)
        if not (host and recipients and sender):
            raise UsageError(f'connection {name}: mail needs a host and extra {{"from_email": …, "to": …}}')
        with_tls = str(given.get("disable_tls", "false")).lower() not in ("true", "1")
        return Channel(
            name, "smtp", host=host, port=port or 25, login=login, password=password, sender=sender,
            recipients=recipients, with_tls=with_tls,
        )  # fmt: skip
    raise UsageError(f"connection {name}: alerts go to http, slackwebhook and smtp connections, not to {conn_type!r}")


def _isolated(text: str) -> str:
    return f"\u2068{text}\u2069"
