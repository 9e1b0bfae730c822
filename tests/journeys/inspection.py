"""What is wrong with a page that stands in the browser: accessibility, width, pictures, what the browser complains of."""

from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, WebError

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
# `target-size` (WCAG 2.2 AA) is off in axe by default; the tags alone do not turn it on.
RUN_AXE = """async () => {
  const result = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  return result.violations.flatMap((rule) => rule.nodes.map((node) =>
    `axe ${rule.id}: ${node.target.join(" ")} – ${(node.failureSummary || "").split("\\n").slice(1).join(" ").trim()}`));
}"""
# What is closed is looked at too, except the menu of the person, which lies over the page.
OPEN_DETAILS = 'document.querySelectorAll("main details").forEach((one) => { one.open = true; })'
WIDER = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return "";
  const wide = [...document.querySelectorAll("body *")].filter((one) =>
    one.getBoundingClientRect().right > page.clientWidth + 1 && !one.closest(".table-scroll, .skip-link"));
  return `${page.scrollWidth} wide instead of ${page.clientWidth}: `
    + wide.slice(0, 3).map((one) => one.tagName.toLowerCase() + "." + one.className).join(", ");
}"""
BROKEN_PICTURES = """async () => {
  const pictures = [...document.images].filter((one) => one.getClientRects().length);
  pictures.forEach((one) => { one.loading = "eager"; });
  await Promise.allSettled(pictures.map((one) => one.decode()));
  return pictures.filter((one) => !one.complete || !one.naturalWidth).map((one) => one.getAttribute("src"));
}"""
REPORT_VIOLATION = """document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});"""
REFLOW = (640, 320)  # 200 % of 1280, and the narrowest page that WCAG 1.4.10 asks for


# What a cell that saves itself may be told; the page shows each of them in words.
SAVING_REFUSED = frozenset({401, 409, 422, 423})
# What the console says of a page that answers 404 on purpose (what a page itself misses is seen in `_answered`), and of
# a browser that a journey has cut off.
NO_FAULT = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest")


class Watched:
    """All that the pages of one browser complain about: errors of scripts, the content policy, missing files."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        context.add_init_script(REPORT_VIOLATION)
        context.on("console", self._said)
        context.on("weberror", self._failed)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NO_FAULT):
            self.complaints.append(f"console: {message.text} ({message.location['url']})")

    def _failed(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _answered(self, response: Response) -> None:
        asked_by_person = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not asked_by_person and not _expected(response)):
            self.complaints.append(f"{response.status}: {response.url}")


def _expected(response: Response) -> bool:
    """Answers of which a script of the portal makes a sentence: signed out, changed elsewhere, refused, locked."""
    return response.request.resource_type in {"fetch", "xhr"} and response.status in SAVING_REFUSED


def faults_of(page: Page, *, reflow: bool = True) -> list[str]:
    """Everything wrong with the open page, one sentence each; the width of the window is given back as it was."""
    page.evaluate(OPEN_DETAILS)
    page.evaluate(AXE)
    found = list(page.evaluate(RUN_AXE))
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"h1: {headings} of them")
    if page.locator("html").get_attribute("lang") != "ru":
        found.append("the page does not say that it is in Russian")
    if not page.title().replace("— Профориентир", "").strip():
        found.append("the page has no title of its own")
    found += [f"picture is not drawn: {source}" for source in page.evaluate(BROKEN_PICTURES)]
    return found + (_too_wide(page) if reflow else [])


def _too_wide(page: Page) -> list[str]:
    usual, found = page.viewport_size, []
    for width in REFLOW:
        page.set_viewport_size({"width": width, "height": 800})
        if wider := page.evaluate(WIDER):
            found.append(f"scrolls sideways at {width}: {wider}")
    if usual:
        page.set_viewport_size(usual)
    return found
