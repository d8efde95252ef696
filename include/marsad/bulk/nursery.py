"""Where reading processes come from: one process that loads libraries and models once, and forks itself.

Loading costs some 3 s of CPU, the gates' library twice that; a fork costs a hundredth of a second, and shares the
memory. So a page that kills its process costs a fork, and a machine of many cores loads once. This process reads no
page but its own: it must not die of one, nor start the threads that a fork would lose.

It is asked by messages of five bytes on a socket: ``R`` or ``C`` for a process that reads or collects, with three file
descriptors (its input, its output, and where its id and at last its end are told), or ``K`` and an id to kill. It
knows which of its children live, so no id is killed that the system has given to somebody else. It ends when the
socket does: with the one that started it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
from typing import BinaryIO

_MESSAGE = struct.Struct("!cI")


class Child:
    """A process that does jobs: its input and output, and how it ended."""

    def __init__(self, nursery: Nursery, kind: str) -> None:
        self._nursery = nursery
        their_input, ours = os.pipe()
        self.input: BinaryIO = os.fdopen(ours, "wb", buffering=0)
        ours, their_output = os.pipe()
        self.output: BinaryIO = os.fdopen(ours, "rb")
        ours, their_status = os.pipe()
        self._status: BinaryIO = os.fdopen(ours, "rb")
        theirs = [their_input, their_output, their_status]
        try:
            nursery.send(kind, 0, theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        said = self._status.readline()
        self.pid = int(said) if said else 0

    def kill(self) -> None:
        """End it at once; nothing happens where it has ended."""
        if self.pid:
            with contextlib.suppress(OSError):
                self._nursery.send("K", self.pid)

    def wait(self) -> int | None:
        """Its exit code once it has ended, negative for a signal; None where the nursery died before."""
        said = self._status.readline()
        return int(said) if said else None

    def close(self) -> None:
        """End it and wait until it has."""
        self.kill()
        for pipe in (self.input, self.output):
            with contextlib.suppress(OSError):
                pipe.close()
        self.wait()
        self._status.close()


class Nursery:
    """The process that forks; started when a child is first asked for, and again should it have died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def child(self, kind: str) -> Child:
        """A new process: ``R`` to read, ``C`` to collect."""
        return Child(self, kind)

    def send(self, kind: str, number: int, descriptors: list[int] | None = None) -> None:
        """Send a message."""
        with self._lock:
            if kind == "K" and self._socket is None:
                return
            line = self._started()
            socket.send_fds(line, [_MESSAGE.pack(kind.encode(), number)], descriptors or [])

    def close(self) -> None:
        """End it; its children end when they find nobody to answer."""
        with self._lock:
            if self._process is not None and self._socket is not None:
                self._socket.close()
                self._process.wait()
                self._process = self._socket = None

    def _started(self) -> socket.socket:
        if self._socket is None or self._process is None or self._process.poll() is not None:
            if self._socket is not None:
                self._socket.close()
            self._socket, theirs = socket.socketpair()
            words = [sys.executable, "-m", "marsad.bulk.nursery", str(theirs.fileno())]
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])  # noqa: S603
            theirs.close()
        return self._socket


def main() -> None:
    """Fork a process for whoever asks, and tell how each ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that started us
    line = socket.socket(fileno=int(sys.argv[1]))
    line.set_inheritable(False)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    living: dict[int, int] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(line, selectors.EVENT_READ)
        ready.register(woken, selectors.EVENT_READ)
        while True:
            names = {key.fd for key, _ in ready.select()}
            if woken in names:
                os.read(woken, 4096)
                _bury(living)
            if line.fileno() not in names:
                continue
            data, descriptors, *_ = socket.recv_fds(line, _MESSAGE.size, 3)
            if len(data) < _MESSAGE.size:
                return
            kind, number = _MESSAGE.unpack(data)
            if kind == b"K":
                if number in living:
                    os.kill(number, signal.SIGKILL)
                continue
            _load(kind)
            pid = os.fork()
            if pid == 0:
                ready.close()
                line.close()
                _live(descriptors[0], descriptors[1], descriptors[2], [woken, wake, *living.values()])
            living[pid] = descriptors[2]
            os.close(descriptors[0])
            os.close(descriptors[1])
            _tell(descriptors[2], pid)


def _live(job_line: int, events: int, status: int, others: list[int]) -> None:
    """Be a child: what it is told and what it answers are its standard input and output."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(job_line, 0)
        os.dup2(events, 1)
        for descriptor in (job_line, events, status, *others):
            os.close(descriptor)
        from marsad.bulk.child import serve

        serve()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)  # nothing of what was inherited is to be ended twice


_PAGE = """<!doctype html><html lang="ar"><head><title>بلدية المدينة ترمم المدرسة</title>
<meta property="article:published_time" content="2026-03-03T08:00:00+02:00"></head><body><article>
<h1>بلدية المدينة ترمم المدرسة</h1>
<p>أعلنت بلدية المدينة يوم الثلاثاء خطة لترميم المدرسة القديمة، وتبلغ كلفة الأعمال 3 ملايين دولار.</p>
<p>وقال رئيس البلدية سمير حداد: "العمل يبدأ يوم الاثنين المقبل ويستمر عاما"، مضيفا أن نحو 40 عاملا سيشاركون فيه.</p>
<p>وأوضح البيان أن اللجنة ستجتمع مرة كل شهر لمتابعة سير الأعمال ونشر تقرير عنها أمام أهالي الحي والطلاب.</p>
</article></body></html>"""
"""Read once before the first fork: tables that are read when they are first asked for are then there for all."""
_loaded: set[bytes] = set()


def _load(kind: bytes) -> None:
    """Load what a child of this kind needs, once."""
    if kind in _loaded:
        return
    _loaded.add(kind)
    import gc

    if kind == b"C":
        import marsad.clean.suite
        import marsad.extract.suite
        import marsad.validate.suite  # noqa: F401
    else:
        from marsad.bulk.reading import warm

        warm(_PAGE.encode())
    gc.collect()
    gc.freeze()  # a child's collector need not walk what it inherits, and copy it


def _bury(living: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        told = living.pop(pid, None)
        if told is not None:
            _tell(told, os.waitstatus_to_exitcode(status))
            os.close(told)


def _tell(where: int, number: int) -> None:
    with contextlib.suppress(OSError):  # who asked is gone
        os.write(where, f"{number}\n".encode())


if __name__ == "__main__":
    main()
