"""Headless Chromium, driven through its DevTools protocol over a pair of pipes."""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

from interop_peer import program

PATIENCE = 60
HOST = "localhost"


class ChromiumBrowser:
    """One process and one page; HOST is this machine. Ends with close()."""

    def __init__(self, environment):
        chromium = program("chromium", "chromium")
        self._profile = tempfile.mkdtemp(prefix="epa-chromium-")
        commands, self._to_browser = os.pipe()
        self._from_browser, answers = os.pipe()
        # Out of the way of the numbers 3 and 4, where Chromium wants them.
        high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (commands, answers)]
        self._process = subprocess.Popen(
            ["bash", "-c", 'exec "${@:3}" 3<&"$1" 4>&"$2"', "bash", *map(str, high), chromium,
             "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--disable-background-networking", "--no-first-run", "--ignore-certificate-errors",
             f"--auth-server-allowlist={HOST}",
             f"--user-data-dir={self._profile}", "--remote-debugging-pipe", "about:blank"],
            env={**environment, "HOME": self._profile}, pass_fds=high, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for end in (commands, answers, *high):
            os.close(end)
        self._received = b""
        self._number = 0
        self._session = None
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        self._call("Page.enable")
        self._call("Network.enable")
        self._call("Fetch.enable", handleAuthRequests=True)

    def close(self):
        self._send("Browser.close")
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._to_browser)
        os.close(self._from_browser)
        shutil.rmtree(self._profile, ignore_errors=True)

    def get(self, port, user=None, password=None, page=""):
        """The status and the text of https://HOST:port/page; asked for a login it gives this one."""
        url = f"https://{HOST}:{port}/{page}"
        status = None
        asked = loaded = False
        self._send("Page.navigate", url=url)
        while not (loaded and status):
            message = self._receive()
            method, parameters = message.get("method"), message.get("params")
            if method == "Fetch.requestPaused":
                self._send("Fetch.continueRequest", requestId=parameters["requestId"])
            elif method == "Fetch.authRequired":
                answer = {"response": "CancelAuth"}
                if user is not None and not asked:
                    answer = {"response": "ProvideCredentials", "username": user,
                              "password": password}
                asked = True
                self._send("Fetch.continueWithAuth", requestId=parameters["requestId"],
                           authChallengeResponse=answer)
            elif method == "Network.responseReceived" and parameters["response"]["url"] == url:
                status = parameters["response"]["status"]
            elif method == "Page.loadEventFired":
                loaded = True
        text = self._call("Runtime.evaluate", expression="document.body.innerText")
        return status, text["result"]["value"]

    def wait_for_kerberos(self, port):
        """The first challenge of a process fails: it makes Chromium load its Kerberos library."""
        deadline = time.monotonic() + PATIENCE
        while self.get(port)[0] != 200:
            if time.monotonic() > deadline:
                raise TimeoutError("Chromium never uses its ticket")

    def _call(self, method, **parameters):
        number = self._send(method, **parameters)
        while True:
            message = self._receive()
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def _send(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        return self._number

    def _receive(self):
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._from_browser], [], [],
                                        max(0, deadline - time.monotonic()))
            chunk = os.read(self._from_browser, 65536) if ready else b""
            if not chunk:
                raise RuntimeError("Chromium ended" if ready else "Chromium says nothing")
            self._received += chunk
        text, _, self._received = self._received.partition(b"\0")
        return json.loads(text)
