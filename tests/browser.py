"""A real headless Chromium, driven by its own protocol over 127.0.0.1: no driver, no download."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
_WORDS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-port=0",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--remote-allow-origins=*", "--window-size=1280,900",
)  # fmt: skip
_KEYS = {
    "Backspace": 8, "Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
}  # fmt: skip
_IN_FRAME = "Boolean(document.activeElement && document.activeElement.tagName === 'IFRAME')"
"""Whether keys go to a frame of the page."""


class Navigated(Exception):
    """The page went away while it was asked something."""


@dataclass
class Tab:
    """One tab: what it asked for, and what went wrong in it."""

    socket: ClientConnection
    asked: list[str] = field(default_factory=list)
    """Addresses that were asked for."""
    faults: list[str] = field(default_factory=list)
    """Errors of scripts, and what the page's policy refused."""
    _last: int = 0
    _loads: int = 0
    _chooser: int | None = None
    """The field that has asked for a file."""

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask something of the browser, and wait for its answer."""
        self._last += 1
        self.socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            if message.get("id") == self._last:
                if "navigated" in message.get("error", {}).get("message", ""):
                    raise Navigated
                assert "error" not in message, (method, message)
                return dict(message["result"])
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        name, params = message.get("method"), message.get("params", {})
        if name == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif name == "Runtime.exceptionThrown":
            self.faults.append(str(params["exceptionDetails"].get("exception", params)))
        elif name == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.faults.append(f"{params['entry']['source']}: {params['entry']['text']} {params['entry'].get('url')}")
        elif name == "Page.loadEventFired":
            self._loads += 1
        elif name == "Page.fileChooserOpened":
            self._chooser = params["backendNodeId"]
        elif name == "Page.javascriptDialogOpening":
            self._last += 1
            self.socket.send(
                json.dumps({"id": self._last, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}})
            )

    def go(self, url: str) -> None:
        """Open an address, and wait until the page has loaded."""
        before = self._loads
        self.send("Page.navigate", url=url)
        self.wait_for_load(before)

    def wait_for_load(self, before: int, seconds: float = 60) -> None:
        """Wait for one load more than there were."""
        self.until(lambda: self._loads > before, seconds)

    @property
    def loads(self) -> int:
        """Pages that have loaded."""
        return self._loads

    def until(self, is_so: Any, seconds: float = 60) -> None:
        """Wait until something is so, and hear what the browser says meanwhile."""
        end = time.monotonic() + seconds
        while True:
            with suppress(Navigated):
                if is_so():
                    return
            assert time.monotonic() < end, (self.url(), self.text()[:2000], self.faults)
            try:
                self._hear(json.loads(self.socket.recv(timeout=0.1)))
            except TimeoutError:
                continue

    def js(self, code: str) -> Any:
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def url(self) -> str:
        """The address of the page."""
        return str(self.js("location.href"))

    def text(self) -> str:
        """What the page says."""
        return str(self.js("document.body ? document.body.innerText : ''"))

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key as a keyboard does."""
        common = {"key": key, "code": key if key != " " else "Space", "windowsVirtualKeyCode": _KEYS[key]}
        common["modifiers"] = 8 if shift else 0
        text = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **common, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        """Write into what has the focus."""
        self.send("Input.insertText", text=text)

    def tab_to(self, condition: str, most: int = 200) -> None:
        """Press Tab until what has the focus, as ``e``, is what is sought: what a keyboard cannot reach is not found."""
        sought = f"(e => Boolean(e && ({condition})))(document.activeElement)"
        for _ in range(most):
            is_leaving = self.js(_IN_FRAME)
            self.press("Tab")
            # a frame is a process of its own: that the focus leaves it is told to the page a moment later
            end = time.monotonic() + 2
            while True:
                is_leaving = is_leaving and self.js(_IN_FRAME)
                if self.js(sought):
                    return
                if not is_leaving or time.monotonic() > end:
                    break
                time.sleep(0.02)
        raise AssertionError(f"no Tab leads to {condition} on {self.url()}")

    def follow(self, condition: str) -> None:
        """Press Tab until what is sought has the focus, then Enter, and wait for the page that it leads to."""
        self.tab_to(condition)
        before = self._loads
        self.press("Enter")
        self.wait_for_load(before)

    def give_file(self, path: Path) -> None:
        """Press Enter on the field that has the focus, and give it the file that it asks for."""
        self.send("Page.setInterceptFileChooserDialog", enabled=True)
        self._chooser = None
        self.press("Enter")
        self.until(lambda: self._chooser is not None)
        self.send("DOM.setFileInputFiles", files=[str(path)], backendNodeId=self._chooser)

    def look(self, *, dark: bool) -> None:
        """Choose light or dark."""
        value = "dark" if dark else "light"
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def barriers(self) -> list[str]:
        """What axe-core calls a serious or critical fault of the page, its closed parts opened."""
        self.js("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        if not self.js("'axe' in window"):
            self.js(AXE.read_text("utf-8") + ";0")
        found = json.loads(self.js("axe.run().then(r => JSON.stringify(r.violations))"))
        return [
            f"{fault['id']} ({fault['impact']}): {node['html'][:200]}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    def picture(self, path: Path) -> bytes:
        """A picture of the page, also written to a file."""
        made = base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])
        path.write_bytes(made)
        return made


@contextmanager
def chromium(folder: Path) -> Iterator[Tab]:
    """A browser with one tab, ended with the block; its profile lies in a folder."""
    assert CHROMIUM is not None
    port_file = folder / "profile" / "DevToolsActivePort"
    with (folder / "chromium.log").open("wb") as log:
        words = [CHROMIUM, *_WORDS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
        running = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 60
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert running.poll() is None, (folder / "chromium.log").read_text()[-2000:]
            assert time.monotonic() < end
            time.sleep(0.05)
        port = int(port_file.read_text().splitlines()[0])
        found = requests.put(f"http://127.0.0.1:{port}/json/new?about:blank", timeout=30).json()
        with connect(found["webSocketDebuggerUrl"], max_size=64 << 20, proxy=None) as socket:
            tab = Tab(socket)
            for domain in ("Page", "Runtime", "Network", "Log"):
                tab.send(f"{domain}.enable")
            yield tab
    finally:
        running.terminate()
        running.wait(30)
