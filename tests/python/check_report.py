"""Opens a report in headless Chromium, without a network, on a phone, at a desk and in print.

    python check_report.py REPORT.html FOLDER

Prints what was found and, if anything is wrong, one line a fault, each starting with `fault: `, and exits
with 1. Screenshots and the print go into FOLDER.
"""

import base64
import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import rasterio

from browser import Browser

SCREENS = {"phone": (360, 740), "desk": (1280, 900)}
# Elements that HTML does not close.
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr", "source"}
# What makes a browser fetch something; links that a reader follows are no request.
FETCHING = {"src", "srcset", "data", "poster", "action", "background", "xlink:href"}

# Everything that a page is asked in one go.
QUESTIONS = """(() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const root = document.documentElement;
  const pictures = all('svg, img').filter(of => !of.parentElement.closest('svg'));
  const alternative = of => of.tagName == 'IMG' ? of.alt : of.getAttribute('aria-label');
  const outside = all('main p, main dt, main dd, h1, h2, h3, figcaption, nav a').filter(of => {
    const box = of.getBoundingClientRect();
    return !of.closest('.scroll') && (box.right > root.clientWidth + 1 || box.left < -1);
  });
  const scrolling = all('*').filter(of => of.scrollWidth > of.clientWidth + 1 && of.clientWidth > 0
    && ['auto', 'scroll'].includes(getComputedStyle(of).overflowX));
  const sizes = all('svg text').map(of => {
    const svg = of.ownerSVGElement;
    return of.getAttribute('font-size') * svg.clientWidth / svg.viewBox.baseVal.width;
  });
  return {
    scroll_width: root.scrollWidth, client_width: root.clientWidth,
    title: document.title, language: root.lang, headings: all('h1,h2,h3,h4,h5,h6').map(of => +of.tagName[1]),
    figures: all('figure').length,
    without_picture: all('figure').filter(of => !of.querySelector('svg, img')).length,
    without_words: pictures.filter(of => (alternative(of) || '').trim().length < 20).length,
    without_role: pictures.filter(of => of.tagName != 'IMG' && of.getAttribute('role') != 'img').length,
    broken: all('img').filter(of => !of.complete || of.naturalWidth == 0).length,
    empty: pictures.filter(of => of.getBoundingClientRect().height < 100).length,
    outside: outside.map(of => of.textContent.slice(0, 40)),
    not_focusable: scrolling.filter(of => of.tabIndex < 0).length,
    lost_links: all('a[href^="#"]').filter(of => !document.getElementById(of.hash.slice(1))).length,
    least_text: Math.min(99, ...sizes),
    body_text: parseFloat(getComputedStyle(document.body).fontSize),
  };
})()"""

# Letters in figures, CSS pixels: smaller ones cannot be read on a phone.
LEAST_TEXT = 10.0


class Markup(HTMLParser):
    """Tags that do not match, identifiers that are not unique, and whatever would be fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.faults = [], set(), []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.handle_attributes(tag, attributes)

    def handle_startendtag(self, tag, attributes):
        self.handle_attributes(tag, attributes)

    def handle_attributes(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        for name, value in attributes:
            value = value or ""
            if name == "id" and value in self.ids:
                self.faults.append(f"two elements are called {value}")
            if name == "id":
                self.ids.add(value)
            fetches = name in FETCHING or (name == "href" and tag in ("link", "image", "use"))
            if fetches and not value.startswith(("data:", "#")):
                self.faults.append(f"<{tag}> fetches {value}")
            if name.startswith("on"):
                self.faults.append(f"<{tag}> has a script in {name}")
        if tag == "script":
            self.faults.append("there is a script")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def markup_faults(page):
    markup = Markup()
    markup.feed(page)
    markup.close()
    faults = markup.faults + [f"<{tag}> is not closed" for tag in markup.open]
    if not page.startswith("<!DOCTYPE html>"):
        faults.append("no document type")
    return faults


def event_faults(browser, url):
    """Errors in the console, and requests for anything but the page and what it holds."""
    for event in browser.events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Log.entryAdded":
            yield f"console: {parameters['entry']['text']}"
        elif method == "Runtime.consoleAPICalled":
            yield f"console: {parameters['args']}"
        elif method == "Runtime.exceptionThrown":
            yield f"exception: {parameters['exceptionDetails']['text']}"
        elif method == "Network.requestWillBeSent":
            asked = parameters["request"]["url"]
            if asked != url and not asked.startswith("data:"):
                yield f"request of {asked}"


def layout_faults(found, screen):
    if found["scroll_width"] > found["client_width"]:
        yield f"the page is {found['scroll_width']} pixels wide on {found['client_width']}"
    for text in found["outside"]:
        yield f"text leaves the screen: {text}"
    for count, what in (
        ("without_picture", "figures without a picture"),
        ("without_words", "figures without alternative text"),
        ("without_role", "drawings that are not marked as images"),
        ("broken", "images that do not show"),
        ("empty", "figures without height"),
        ("not_focusable", "scrolling parts that the keyboard does not reach"),
        ("lost_links", "links to nowhere"),
    ):
        if found[count]:
            yield f"{found[count]} {what}"
    if found["figures"] == 0:
        yield "no figure"
    if not found["title"] or found["language"] != "en":
        yield "no title or language"
    headings = found["headings"]
    if headings[:1] != [1] or headings.count(1) != 1:
        yield f"headings begin with {headings[:1]}, expected one h1"
    if any(after > before + 1 for before, after in zip(headings, headings[1:])):
        yield f"headings leave out a level: {headings}"
    if found["least_text"] < LEAST_TEXT:
        yield f"letters of {found['least_text']:.1f} pixels in a figure"
    if screen == "phone" and found["body_text"] < 14:
        yield f"text of {found['body_text']} pixels"


def picture_faults(path, width):
    """A screenshot decodes, is as wide as the screen and is no blank page."""
    with rasterio.open(path) as image:
        pixels = image.read()[:3]
    colours = len(np.unique(pixels.reshape(3, -1), axis=1).T)
    drawn = np.any(pixels != pixels[:, :1, :1], axis=0).mean()
    print(f"{path.name}: {pixels.shape[2]}×{pixels.shape[1]}, {drawn:.0%} drawn, {colours} colours")
    if pixels.shape[2] != width:
        yield f"{path.name} is {pixels.shape[2]} pixels wide, expected {width}"
    if drawn < 0.02 or colours < 50:
        yield f"{path.name} is nearly blank: {drawn:.1%} drawn, {colours} colours"


def main():
    report, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    url = report.as_uri()
    faults = markup_faults(report.read_text(encoding="utf-8"))
    with Browser() as browser:
        for scheme in ("light", "dark"):
            feature = {"name": "prefers-color-scheme", "value": scheme}
            browser.call("Emulation.setEmulatedMedia", features=[feature])
            for screen, (width, height) in SCREENS.items():
                browser.open(url, width, height)
                found = browser.ask(QUESTIONS)
                print(f"{screen}, {scheme}: {json.dumps(found)}")
                here = [*event_faults(browser, url), *layout_faults(found, screen)]
                shot = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                    clip={"x": 0, "y": 0, "width": width, "height": 4000, "scale": 1})
                path = folder / f"{screen}_{scheme}.png"
                path.write_bytes(base64.b64decode(shot["data"]))
                here += picture_faults(path, width)
                faults += [f"{screen}, {scheme}: {fault}" for fault in here]
        printed = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        (folder / "print.pdf").write_bytes(printed)
        pages = printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ")
        print(f"print.pdf: {len(printed)} bytes, {pages} pages")
        if not printed.startswith(b"%PDF") or len(printed) < 20_000:
            faults.append(f"the print is no PDF or nearly empty: {len(printed)} bytes")
    for fault in faults:
        print(f"fault: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
