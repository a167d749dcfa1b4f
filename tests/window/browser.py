"""A browser, as somebody has it who looks at the window: Debian's chromium, without a screen.

Names of hosts lead nowhere in it, so that whatever a page would fetch from elsewhere fails, and is seen to."""

import contextlib
import json

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lab.deadline import until

WIDE, NARROW = (1280, 800), (360, 740)

# Runs before anything of a page does.
_WATCH = """
window.complaints = [];
document.addEventListener("securitypolicyviolation", (event) => complaints.push(`${event.violatedDirective} ${event.blockedURI}`));
window.addEventListener("error", (event) => complaints.push(`error: ${event.message}`));
window.addEventListener("unhandledrejection", (event) => complaints.push(`rejected: ${event.reason}`));
"""


class Browser:
    """One browser with one tab. What it must not do is collected while a test runs, and asked for at its end (faults)."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
                         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.chrome.service.Service("/usr/bin/chromedriver"))
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        self.url = None
        self.looks()

    def close(self):
        self.driver.quit()

    def looks(self, size=WIDE, scheme="light"):
        """At a window of this size, light or dark; nothing moves by itself."""
        features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def opens(self, url, page=""):
        """A page, as when its address is typed; returns when it has what it asks the bastion for."""
        self.url = url
        self.driver.get("about:blank")
        self.driver.get(f"{url}#/{page}")
        until(lambda: self.is_settled(), f"the page {page} is there")

    def goes(self, page):
        """To another page of the window, as a link does it."""
        self.script("location.hash = `#/${arguments[0]}`", page)
        until(lambda: self.is_settled(), f"the page {page} is there")

    def is_settled(self):
        return self.script("""
            const text = document.getElementById("main")?.innerText ?? "";
            return Boolean(document.querySelector("main h1")) && !/Asking the bastion…|Trying every step…/.test(text)
              && document.getElementById("state").innerText === "live";""")

    # What is seen

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def text(self, selector="main"):
        """What stands there, as it is seen; nothing when there is no such thing."""
        return self.script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def shows(self, text, selector="main"):
        until(lambda: text in self.text(selector), f"{selector} shows {text!r}, and not {self.text(selector)[-1500:]!r}")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def named(self, name, selector="button, a, summary"):
        """The one that is called so, for whoever sees it or hears it."""
        found = lambda: [each for each in self.all(selector) if self._is_called(each, name)]
        return until(found, f"there is a {selector} called {name!r}")[0]

    @staticmethod
    def _is_called(element, name):
        with contextlib.suppress(StaleElementReferenceException):
            return name in (element.text.strip(), element.accessible_name.strip()) and element.is_displayed()
        return False

    def is_there(self, selector):
        return bool(self.all(selector))

    def rows(self, selector="main"):
        """Of the first table there, as lists of texts."""
        return self.script("""
            const table = document.querySelector(`${arguments[0]} table`);
            return table ? [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim())) : [];""", selector)

    def focus(self):
        """What has it: its name, for whoever hears it."""
        return self.driver.switch_to.active_element.accessible_name

    def picture(self, path):
        self.driver.save_screenshot(str(path))

    # What is done

    def presses(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tabs_to(self, name, most=120):
        """With the Tab key alone."""
        for _ in range(most):
            self.presses(Keys.TAB)
            if self.focus() == name:
                assert self._focus_is_seen(), f"the focus is not seen on {name!r}"
                return
        raise AssertionError(f"no {name!r} within {most} times Tab; the focus is on {self.focus()!r}")

    def _focus_is_seen(self):
        return self.script("""
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;""")

    def types(self, label, text):
        """Into the field that is called so."""
        field = self.named(label, "input")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.BACKSPACE, text)

    # What must not be

    def faults(self):
        """Everything a page has done that it must not: asked elsewhere, broken the policy, thrown an error."""
        if self.url is None:
            return []
        faults = self.script("return window.complaints ?? []")
        asked = self.script("return performance.getEntriesByType('resource').map((each) => each.name)")
        faults += [f"asked {url}" for url in asked if not url.startswith((self.url, "data:"))]
        return faults + [line["message"] for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]

    def leaves(self):
        """The page, and says what it has done that it must not. What stands there now asks nobody."""
        faults = self.faults()
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.url = None
        return faults

    def accessibility_faults(self, axe):
        """What axe-core has to say about the page as it is now."""
        self.driver.execute_script(axe)
        found = self.driver.execute_async_script("""
            const done = arguments[0];
            axe.run(document, {resultTypes: ["violations"]}).then((found) => done(found.violations), (reason) => done([{id: String(reason), nodes: []}]));""")
        return [f"{each['id']}: {json.dumps([node['html'][:200] for node in each['nodes']][:4])}" for each in found]
