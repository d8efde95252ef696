"""Texts and addresses as an attacker writes them, and a look at whether a page of ours let one through."""

from __future__ import annotations

from html.parser import HTMLParser

TEXTS = (
    "<script>alert(1)</script>",
    "</title></p></article><script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;b&#x3e;",
    "\u202e\u2066<b>\u0000\u0007",
    "'; DROP TABLE articles; --",
    '=HYPERLINK("http://evil.example","خبر")',
    "../../../etc/passwd",
)
URLS = (
    "javascript:alert(1)//http://a.example/",
    "data:text/html,<script>alert(1)</script>",
    'http://a.example/"onmouseover="alert(1)',
    "  javascript:alert(1)",
    "java\nscript:alert(1)",
    "//evil.example/x",
    "vbscript:msgbox(1)",
    "http://[::1",
)

OWN_SCRIPTS = ("/static/console.js",)


class _Look(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.srcdoc: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("svg", "object", "embed", "base", "math", "template", "noscript", "video", "audio", "img", "frame"):
            self.faults.append(f"<{tag}>")
        if tag == "script" and given.get("src") not in OWN_SCRIPTS:
            self.faults.append(f"<script src={given.get('src')}>")
        if tag == "iframe":
            if set(given) - {"sandbox", "srcdoc", "title", "referrerpolicy"} or given.get("sandbox"):
                self.faults.append(f"<iframe {sorted(given)}>")
            self.srcdoc.append(given.get("srcdoc") or "")
        for name, value in attrs:
            said = value or ""
            if name.startswith("on") or name in ("style", "ping", "formaction", "background"):
                self.faults.append(f"{tag} {name}={said}")
            if name in ("href", "src", "action") and not said.startswith(("/", "#", "http://", "https://")):
                self.faults.append(f"{tag} {name}={said}")
            if name in ("href", "src", "action") and said.startswith("//"):
                self.faults.append(f"{tag} {name}={said}")


def faults_of(page: str) -> list[str]:
    """What stands in a page that must not: scripts, handlers, styles, frames and addresses that are none of ours."""
    look = _Look()
    look.feed(page)
    look.close()
    return look.faults


def frames_of(page: str) -> list[str]:
    """The documents of its frames."""
    look = _Look()
    look.feed(page)
    return look.srcdoc
