"""Headless Chromium over its DevTools pipe, with Python's own library alone.

`--remote-debugging-pipe` makes the browser read commands from file descriptor 3 and write answers and
events to descriptor 4, each a JSON text that ends in a zero byte. No port is opened, no driver is needed.
"""

import json
import os
import select
import subprocess
import tempfile
import time

# A browser on a busy machine with one slow core answers long before this.
PATIENCE_S = 120


class Browser:
    """One tab of a browser that can reach nothing; every event of the tab is kept."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.complaints = os.path.join(self.profile.name, "complaints")
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        arguments = [
            "chromium",
            "--headless",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.profile.name}",
            # Containers and root cannot use it, and the page is our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            # No name can be looked up.
            "--host-resolver-rules=MAP * ~NOTFOUND",
        ]
        # The shell gives the descriptors their numbers.
        redirect = f'exec "$@" 3<&{commands} 4>&{answers}'
        self.process = subprocess.Popen(
            ["sh", "-c", redirect, "sh", *arguments],
            pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(self.complaints, "wb"),
        )
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.last_id = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        os.close(self.commands)
        os.close(self.answers)
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.profile.cleanup()

    def call(self, method, **parameters):
        """The result of a command."""
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.last_id:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def receive(self):
        """The next message."""
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.answers], [], [], deadline - time.monotonic())
            assert ready, f"the browser said nothing for {PATIENCE_S} s"
            more = os.read(self.answers, 1 << 16)
            assert more, f"the browser has gone away: {open(self.complaints).read()[-2000:]}"
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, url, width, height):
        """Loads a page into a screen of this size and waits until it is there."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def ask(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")
