# SPDX-License-Identifier: GPL-2.0-only
"""Drive Chromium by the DevTools protocol over a pipe: no server, no port and no other package."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

KEYS = {  # key: (code, key code)
    "ArrowLeft": ("ArrowLeft", 37), "ArrowUp": ("ArrowUp", 38), "ArrowRight": ("ArrowRight", 39),
    "ArrowDown": ("ArrowDown", 40), "Enter": ("Enter", 13), "Home": ("Home", 36), "End": ("End", 35),
    "Tab": ("Tab", 9), "PageDown": ("PageDown", 34), "PageUp": ("PageUp", 33),
    "+": ("Equal", 187), "-": ("Minus", 189), "0": ("Digit0", 48), " ": ("Space", 32),
}
SHIFT, CTRL = 8, 2


def program():
    """Return the path of Chromium, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Failed(Exception):
    """The browser reported an error, or did not answer."""


class Browser:
    """A headless Chromium with one page. It counts console messages and requests."""

    def __init__(self, width=1280, height=900):
        self.profile = tempfile.mkdtemp(prefix="slubnode-chromium-")
        to_read, self.out = os.pipe()
        self.inp, to_write = os.pipe()
        # Chromium reads descriptor 3 and writes descriptor 4.
        script = f"exec 3<&{to_read} 4>&{to_write}; exec \"$@\""
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", program(), "--headless=new", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-extensions", f"--user-data-dir={self.profile}",
             "--remote-debugging-pipe", "about:blank"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.messages = []  # of the console, and uncaught exceptions
        self.requests = []  # other than of the page and of data: URLs
        self.page = None
        self.loaded = False
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Performance"):
            self.call(domain + ".enable")
        self.size(width, height)

    def close(self):
        try:
            self.call("Browser.close")
        except (Failed, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.inp)
        shutil.rmtree(self.profile, ignore_errors=True)

    # --- the protocol ---

    def call(self, method, timeout=60, **params):
        """Call a method and return its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + timeout
        while True:
            answer = self.read(end - time.monotonic())
            if answer is None:
                raise Failed(f"{method}: no answer within {timeout} s")
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def read(self, timeout):
        """Read a message and take it if it is an event. Returns None after the timeout."""
        end = time.monotonic() + timeout
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.inp], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            data = os.read(self.inp, 1 << 20)
            if not data:
                raise Failed("the browser has ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        self.take(message.get("method"), message.get("params", {}))
        return message

    def take(self, method, params):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.messages.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.messages.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.messages.append(params["entry"]["text"])
        elif method in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            url = params.get("request", params)["url"]
            if not url.startswith(("data:", "blob:", "about:")) and url != self.page:
                self.requests.append(url)

    # --- the page ---

    def open(self, path, timeout=120):
        """Open a file and wait until it is loaded. Returns the seconds that this took."""
        self.page = "file://" + os.path.abspath(path)
        self.loaded = False
        start = time.monotonic()
        self.call("Page.navigate", timeout=timeout, url=self.page)
        while not self.loaded:
            if time.monotonic() - start > timeout or self.read(timeout) is None:
                raise Failed(f"{path} is not loaded within {timeout} s")
        return time.monotonic() - start

    def at_load(self, script):
        """Run a script in each page before the scripts of the page. Returns the function that ends this."""
        added = self.call("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"]
        return lambda: self.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added)

    def eval(self, expression, timeout=60):
        """Evaluate an expression, wait for a promise, and return its value."""
        result = self.call("Runtime.evaluate", timeout=timeout, expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise Failed(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def cpu(self):
        """Return the CPU time of the page's thread in seconds, which other work on the machine does not change."""
        return next(m["value"] for m in self.call("Performance.getMetrics")["metrics"] if m["name"] == "ThreadTime")

    def until(self, expression, timeout=20):
        """Wait until an expression is true. Returns whether it became true."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.eval(f"!!({expression})"):
                return True
            time.sleep(0.05)
        return False

    def frame(self):
        """Wait until what was changed has been drawn."""
        self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def size(self, width, height, mobile=False, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def scheme(self, name, media=""):
        """Choose the system's theme, and the medium: print."""
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": name},
                            # The target of the click must not move on.
                            {"name": "prefers-reduced-motion", "value": "reduce"}])
        # The page gets the theme at its next frame.
        self.frame()

    def screenshot(self, path, clip=None):
        params = {"clip": {**clip, "scale": 1}} if clip else {}
        data = self.call("Page.captureScreenshot", format="png", **params)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = self.call("Page.printToPDF", printBackground=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    # --- mouse and keys ---

    def box(self, selector):
        """Return the place of an element in the window, after it was scrolled into view."""
        return self.eval(f"""(() => {{
            const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{ block: "center", behavior: "instant" }});
            const b = e.getBoundingClientRect();
            return {{ x: b.x, y: b.y, width: b.width, height: b.height }};
        }})()""")

    def mouse(self, kind, x, y, modifiers=0, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, modifiers=modifiers, **more)

    def click_at(self, x, y, count=1):
        self.mouse("mouseMoved", x, y)
        for n in range(1, count + 1):
            self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=n)
            self.mouse("mouseReleased", x, y, button="left", clickCount=n)
        self.frame()

    def click(self, selector):
        box = self.box(selector)
        self.click_at(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def drag(self, x0, y0, x1, y1, modifiers=0):
        self.mouse("mouseMoved", x0, y0)
        self.mouse("mousePressed", x0, y0, modifiers, button="left", buttons=1, clickCount=1)
        for step in range(1, 6):
            self.mouse("mouseMoved", x0 + (x1 - x0) * step / 5, y0 + (y1 - y0) * step / 5, modifiers,
                       button="left", buttons=1)
        self.mouse("mouseReleased", x1, y1, modifiers, button="left", clickCount=1)
        self.frame()

    def wheel(self, x, y, dy, dx=0, modifiers=0):
        self.mouse("mouseWheel", x, y, modifiers, deltaX=dx, deltaY=dy)
        self.frame()

    def touch(self, kind, *points):
        self.call("Input.dispatchTouchEvent", type=kind,
                  touchPoints=[{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)])

    def key(self, key, modifiers=0):
        code, number = KEYS[key]
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code, modifiers=modifiers,
                  windowsVirtualKeyCode=number, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code, modifiers=modifiers,
                  windowsVirtualKeyCode=number)
        self.frame()

    def type(self, selector, text):
        """Replace the text of a field."""
        self.click(selector)
        self.eval(f"document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)
