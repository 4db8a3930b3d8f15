"""The two pages in headless Chromium, as the web tests read and press them."""

import re

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

PHONE = (360, 740)
SCREEN = (1920, 1080)
CHROMIUM = ("--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
            "--disable-background-networking --disable-component-update --disable-sync "
            "--disable-dev-shm-usage --hide-scrollbars")


class Page:
    """A browser with one page."""

    def __init__(self, url, size, profile, shots):
        options = webdriver.ChromeOptions()
        for flag in CHROMIUM.split() + [f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(service=service, options=options)
        self.driver.set_script_timeout(60)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1,
            "mobile": size == PHONE})
        self.shots = shots
        self.driver.get(url)

    def find(self, name):
        return self.driver.find_element(By.ID, name)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def text(self, name):
        """What can be read in #name; empty when it is not shown."""
        return self.find(name).text

    def shows(self, name):
        return self.find(name).is_displayed()

    def click(self, name):
        self.find(name).click()

    def width_over(self):
        return self.script("return document.documentElement.scrollWidth - innerWidth")

    def broken(self, selector):
        """The texts of these elements that do not stand on one line, or stick out of their row."""
        return self.script("""
            return [...document.querySelectorAll(arguments[0])].filter(one => {
                const range = document.createRange();
                range.selectNodeContents(one);
                const lines = new Set([...range.getClientRects()].map(box => box.top));
                return lines.size > 1 || range.getBoundingClientRect().right > innerWidth;
            }).map(one => one.textContent)""", selector)

    def shot(self, name):
        if self.shots:
            self.driver.save_screenshot(str(self.shots / f"{name}.png"))

    def complaints(self):
        """What the browser found wrong, but for connections to a server that was down."""
        entries = self.driver.get_log("browser")
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"
                and not re.search(r"WebSocket connection|ERR_CONNECTION", entry["message"])]

    def close(self):
        self.driver.quit()


class Keypad(Page):
    """/vote."""

    def press(self, item, choice):
        """As a finger does: by scrolling there and hitting what lies on top."""
        button = self.script(
            "const button = document.querySelectorAll('.item')[arguments[0]]"
            ".querySelectorAll('.choice')[arguments[1]];"
            "button.scrollIntoView({block: 'center'}); return button", item, choice)
        button.click()

    def press_on_sight(self, subject):
        """From now on: the moment this subject appears, its first choice is pressed."""
        self.script("""
            const [subject] = arguments;
            const timer = setInterval(() => {
                if (document.getElementById("subject").textContent === subject) {
                    document.querySelector(".choice").click();
                    clearInterval(timer);
                    window.was_pressed = true;
                }
            }, 10)""", subject)

    def standing(self):
        """For each item the index of the choice that is pressed, or -1."""
        return self.script(
            "return [...document.querySelectorAll('.item')].map(item =>"
            " [...item.querySelectorAll('.choice')].findIndex(button =>"
            " button.getAttribute('aria-pressed') === 'true'))")

    def states(self):
        return self.script("return [...document.querySelectorAll('.item .state')]"
                           ".map(state => state.textContent)")

    def recorded(self):
        return sum("已记录" in state for state in self.states())


class Viewer(Page):
    """/."""

    def figures(self):
        """What the live panel says: for each criterion its shares and its base, as texts."""
        return self.script(
            "return [...document.querySelectorAll('#rows .row')].map(row => ["
            "...[...row.querySelectorAll('strong')].map(one => one.textContent),"
            "row.querySelector('.figure').textContent])")

    def outcome(self):
        """The newest round's result as texts; None where there is none."""
        return self.script("""
            const box = document.querySelector("#outcome > .outcome");
            const texts = (from, what) =>
                [...from.querySelectorAll(what)].map(one => one.innerText);
            const text = what => box.querySelector(what)?.innerText ?? "";
            return document.getElementById("outcome").hidden || box === null ? null : {
                heading: document.querySelector("#outcome > h2").innerText,
                decision: text(".decision").trim(), reason: text(".reason"),
                facts: texts(box, ".facts > span"), majority: text(".majority"),
                rows: [...box.querySelectorAll(".standing")].map(row => [
                    ...texts(row, "h3"), row.querySelector(".mark").innerText,
                    ...texts(row, ".figure")]),
                readings: texts(box, ".readings li"), rules: text(".rules") }""")

    def folded(self, place):
        """What the rounds folded away under #place say in one line, and whether one is open."""
        return self.script("""
            const boxes = [...document.querySelectorAll(`#${arguments[0]} details`)];
            return [boxes.map(box => box.querySelector("summary").innerText),
                    boxes.some(box => box.open)]""", place)

    def closed(self):
        return self.script(
            "return [...document.querySelectorAll('#table tbody tr')].map(row =>"
            " [...row.children].map(cell => cell.textContent))")
