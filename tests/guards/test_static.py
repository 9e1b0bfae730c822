"""Does what browsers get keep its promises: pinned copies, old browsers, the strict content policy, contrast, weight?"""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
VENDOR_LISTS = ("static/vendor", "static/fonts", "tests/vendor")
TEXT_RATIO, SHAPE_RATIO = 4.5, 3.0  # WCAG 2.1: 1.4.3 for text, 1.4.11 for borders and the focus ring

# What stands on what, by token of portal.css.
TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "muted", "link", "error") for ground in ("paper", "surface")],
    *[("ink", ground) for ground in ("accent-soft", "done-soft", "warning-soft", "error-soft")],
    ("link", "accent-soft"),
    ("accent", "paper"),
    ("accent", "accent-soft"),
    ("accent-strong", "paper"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("paper", "error"),
    ("paper", "line"),
    ("band-ink", "band"),
    *[(name, ground) for name in ("done", "warning", "error") for ground in (f"{name}-soft", "paper")],
]
SHAPE_PAIRS = [
    ("line", "paper"),
    ("line", "surface"),
    ("accent", "paper"),
    ("focus", "paper"),
    ("focus", "surface"),
    ("band-focus", "band"),
    *[("focus", f"{name}-soft") for name in ("accent", "done", "warning", "error")],
]
SCHEMES = {"normal": ":root", "contrast": ':root[data-scheme="contrast"]', "dark": ':root[data-scheme="dark"]'}
TOO_NEW = re.compile(r"color-mix|oklch|light-dark|@layer|@container")  # unknown to Chrome 109, the last for Windows 7
AGAINST_POLICY = re.compile(
    r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<style\b|<script\b(?![^>]*\ssrc=)|\bhttps?://(?!www\.w3\.org/)"
)


def test_vendored_files_are_the_ones_their_lists_name() -> None:
    for folder in VENDOR_LISTS:
        packages = json.loads((ROOT / folder / "VENDOR.json").read_text(encoding="utf-8"))
        listed = {name: digest for package in packages for name, digest in package["sha256"].items()}
        present = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (ROOT / folder).iterdir()
            if path.name != "VENDOR.json"
        }
        assert present == listed, folder


def test_every_vendored_package_brings_its_licence() -> None:
    for folder in VENDOR_LISTS:
        for package in json.loads((ROOT / folder / "VENDOR.json").read_text(encoding="utf-8")):
            assert package["licence"], package["package"]
            assert package["version"], package["package"]
            assert any(name.startswith("LICENSE.") for name in package["sha256"]), package["package"]


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_styles_use_nothing_that_chrome_109_does_not_know(path: Path) -> None:
    assert not TOO_NEW.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_obey_the_content_policy(path: Path) -> None:
    found = AGAINST_POLICY.findall(path.read_text(encoding="utf-8"))
    assert not found, f"{path.relative_to(ROOT)}: {found}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_avoid_the_pale_classes_of_bootstrap(path: Path) -> None:
    assert not re.findall(r"\btext-(?:info|warning|light|body-tertiary)\b", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", ["400", "500", "503"])
def test_pages_of_last_resort_need_no_address_and_no_part_that_does(code: str) -> None:
    text = (ROOT / "templates" / f"{code}.html").read_text(encoding="utf-8")
    assert '{% extends "document.html" %}' in text
    assert "{% url" not in text + (ROOT / "templates" / "document.html").read_text(encoding="utf-8")


def tokens(scheme: str) -> dict[str, str]:
    """The colours of one scheme: name → «#rrggbb»; a scheme says only what differs from the normal one."""
    css = (STATIC / "portal.css").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for selector in dict.fromkeys((SCHEMES["normal"], SCHEMES[scheme])):
        block = re.search(rf"^{re.escape(selector)} {{(.*?)^}}", css, re.DOTALL | re.MULTILINE)
        assert block, f"portal.css has no block {selector}"
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block[1]))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of «#rrggbb», 0..1, as WCAG 2.1 defines it."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1..21, as WCAG 2.1 defines it."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#664d03", "#fff3cd") == pytest.approx(7.2, abs=0.1)
    assert contrast("#6c757d", "#ffffff") == pytest.approx(4.69, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_of_every_scheme_is_legible(scheme: str) -> None:
    colours = tokens(scheme)
    pale = {pair for pair in TEXT_PAIRS if contrast(colours[pair[0]], colours[pair[1]]) < TEXT_RATIO}
    assert not pale


@pytest.mark.parametrize("scheme", SCHEMES)
def test_borders_and_focus_of_every_scheme_are_visible(scheme: str) -> None:
    colours = tokens(scheme)
    pale = {pair for pair in SHAPE_PAIRS if contrast(colours[pair[0]], colours[pair[1]]) < SHAPE_RATIO}
    assert not pale


def test_own_styles_name_colours_only_in_tokens() -> None:
    for name in ("portal.css", "parts.css"):
        for line in (STATIC / name).read_text(encoding="utf-8").splitlines():
            outside = re.sub(r"--[a-z-]+: #[0-9a-f]{6};", "", line)
            assert not re.search(r"#[0-9a-f]{3,8}\b(?<!#ffffff)", outside), f"{name}: {line}"


def test_what_every_page_loads_stays_light() -> None:
    loaded = set(
        re.findall(
            r"{% static '([^']+\.(?:css|js))' %}",
            "".join((ROOT / "templates" / name).read_text(encoding="utf-8") for name in ("document.html", "base.html")),
        )
    )
    weight = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in loaded}
    assert {"vendor/bootstrap.min.css", "vendor/htmx.min.js", "portal.css", "portal.js"} <= loaded
    assert sum(weight.values()) <= 90 * 1024  # of 110 KB for a page; the rest is the page itself and its own script
    assert sum(size for name, size in weight.items() if name.endswith(".js")) <= 50 * 1024
