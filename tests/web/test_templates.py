"""The look: every template parses, reads the same in two engines, carries no inline style or script, and is shown."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import minijinja
import pytest

from app.web.forms import UNNAMED

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "app" / "web" / "templates"
STATIC = ROOT / "static"
ALL_TEMPLATES = sorted(ROOT.glob("app/*/templates/**/*.html"))
COMPONENTS = sorted(TEMPLATES.glob("components/*.html"))

VIEWER = {"name": "Example, Ann", "initials": "AE", "role_label": "Case manager", "may": {"stay.see": True}}
APP = {
    "title": "Sample",
    "viewer": VIEWER,
    "nav": [
        {"href": "/inpatient", "label": "Inpatient", "current": True, "in_bar": True},
        {"href": "/observation", "label": "Observation", "current": False, "in_bar": False},
    ],
    "csrf": "a-token",
    "live": {"facility_label": "Sample hospital", "last_message_at": "09:41", "ok": True},
    "facility": "Sample hospital",
    "facilities": [
        {"code": "A", "name": "Sample hospital", "current": True},
        {"code": "B", "name": "Sample long-term hospital", "current": False},
    ],
    "now_text": "Thu 5 Mar 2026 09:41",
    "flash": [{"tone": "green", "text": "Saved.", "undo": {"action": "/undo", "label": "Undo"}}],
    "static": "/static/1",
    "key_help": [{"keys": "j", "what": "next stay"}, {"keys": "Ctrl Enter", "what": "sign"}],
    "single_keys": True,
    "idle_minutes": 30,
}
SIGNED_OUT = {
    **APP,
    "viewer": None,
    "nav": [],
    "live": None,
    "facility": "",
    "facilities": [],
    "flash": [],
    "idle_minutes": 0,
}
ERROR = {
    "heading": "Not found",
    "sentence": "No such page at <this> place.",
    "code": "7F3A",
    "at": "09:41",
    "retry": "",
}
CASES = [(name, app) for name in ("base.html", "error.html", "gallery.html") for app in ("signed in", "signed out")]


def load(name: str) -> str:
    return (TEMPLATES / name).read_text()


@pytest.fixture(scope="module")
def engine() -> minijinja.Environment:
    return minijinja.Environment(
        loader=load,
        undefined_behavior="strict",
        debug=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_escape_callback=lambda name: "html",
        globals={"unnamed": UNNAMED},
    )


@pytest.fixture(scope="module")
def second_engine() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["unnamed"] = UNNAMED
    return environment


def context(app: str) -> dict[str, object]:
    return {"app": APP if app == "signed in" else SIGNED_OUT, "error": ERROR}


def plain(html: str) -> str:
    """Without the differences that do not matter: white space and the spelling of escapes."""
    for said, same in (("&#x2f;", "/"), ("&#x27;", "&#39;"), ("&#34;", "&quot;")):
        html = html.replace(said, same)
    return re.sub(r"\s+", " ", html)


@pytest.mark.parametrize(("name", "app"), CASES)
def test_both_engines_write_the_same_page(
    engine: minijinja.Environment, second_engine: jinja2.Environment, name: str, app: str
) -> None:
    first = engine.render_template(name, **context(app))
    second = second_engine.get_template(name).render(**context(app))
    assert plain(first) == plain(second)
    assert re.search(r"<title>\S.* · Daybook</title>", first)


def test_a_sentence_with_markup_is_shown_as_text(engine: minijinja.Environment) -> None:
    page = engine.render_template("error.html", **context("signed in"))
    assert "&lt;this&gt;" in page
    assert "<this>" not in page


def test_a_signed_out_page_offers_nothing_that_needs_a_sign_in(engine: minijinja.Environment) -> None:
    page = engine.render_template("error.html", **context("signed out"))
    assert "topbar" not in page
    assert "/sign-out" not in page
    assert 'href="#main"' in page


def test_the_token_is_in_every_posted_form_of_the_frame(engine: minijinja.Environment) -> None:
    page = engine.render_template("base.html", **context("signed in"))
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    assert len(forms) == 4  # find, facility, sign out, undo
    assert all('name="_csrf_token" value="a-token"' in form for form in forms)


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_parses_and_is_short(path: Path) -> None:
    source = path.read_text()
    minijinja.Environment(trim_blocks=True, lstrip_blocks=True, templates={path.name: source})
    jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True).parse(source)
    assert source.count("\n") < 150, f"{path.name} is too long: move a part of it into a piece and include it"


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_page_extends_the_frame(path: Path) -> None:
    source = path.read_text()
    if "<html" in source:
        assert path == TEMPLATES / "base.html", f"{path.name} draws a frame of its own: extend base.html"


def inline(source: str) -> list[str]:
    """Inline style, script or handler in a template's HTML; the policy of the pages refuses them."""
    return re.findall(r"<style|\sstyle\s*=|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on", source)


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_inline_style_or_script(path: Path) -> None:
    assert inline(path.read_text()) == []


@pytest.mark.parametrize(
    "bad", ["<style>", '<p style="color:red">', "<script>x</script>", '<p onclick="x()">', '<a href="javascript:x">']
)
def test_the_search_for_inline_code_finds_it(bad: str) -> None:
    assert inline(bad) != []


def macros() -> Iterator[tuple[str, str]]:
    for path in COMPONENTS:
        for name in re.findall(r"{% macro (\w+)\(", path.read_text()):
            if not name.startswith("_"):
                yield path.name, name


def bodies() -> dict[str, str]:
    """What each macro of the component layer writes, by its name."""
    macro = re.compile(r"{% macro (\w+)\(.*?\) %}(.*?){%-? endmacro %}", re.DOTALL)
    return {name: body for path in COMPONENTS for name, body in macro.findall(path.read_text())}


def shown_in_gallery() -> set[str]:
    """Names of the macros that the gallery page calls, directly or through another one."""
    pages = [load("gallery.html"), load("base.html"), *(p.read_text() for p in TEMPLATES.glob("gallery/*.html"))]
    waiting, shown = ["".join(pages)], set()
    while waiting:
        text = waiting.pop()
        for name, body in bodies().items():
            if name not in shown and re.search(rf"(?<!\w){name}\(", text):
                shown.add(name)
                waiting.append(body)
    return shown


@pytest.mark.parametrize(("file", "name"), sorted(macros()))
def test_every_component_is_shown_in_the_gallery(file: str, name: str) -> None:
    assert name in shown_in_gallery(), f"{name} of components/{file} is not in the gallery"


@pytest.mark.parametrize(("file", "name"), sorted(macros()))
def test_a_component_takes_few_arguments(file: str, name: str) -> None:
    source = load(f"components/{file}")
    arguments = re.search(rf"{{% macro {name}\((.*?)\) %}}", source)
    assert arguments is not None
    assert len([word for word in arguments[1].split(",") if word.strip()]) <= 5


def icons() -> set[str]:
    return set(re.findall(r'<symbol id="i-([\w-]+)"', (STATIC / "icons.svg").read_text()))


def test_every_icon_used_exists(engine: minijinja.Environment) -> None:
    used = {name for path in ALL_TEMPLATES for name in re.findall(r'(?<!\w)icon\("([\w-]+)"', path.read_text())}
    drawn = set(re.findall(r'href="#i-([\w-]+)"', engine.render_template("gallery.html", **context("signed in"))))
    assert used | drawn <= icons()
    assert drawn == icons(), "the gallery shows every icon"


def test_the_sprite_in_the_page_is_the_icon_file() -> None:
    symbol = re.compile(r"<symbol.*?</symbol>")
    assert symbol.findall(load("components/_sprite.html")) == symbol.findall((STATIC / "icons.svg").read_text())


@pytest.mark.parametrize("folder", [STATIC / "vendor", ROOT / "tests" / "support" / "vendor"], ids=["static", "tests"])
def test_vendored_files_are_unchanged(folder: Path) -> None:
    listed = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    present = {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name} was changed"


def test_colours_are_only_in_the_tokens() -> None:
    source = re.sub(r"/\*.*?\*/", "", (STATIC / "components.css").read_text(), flags=re.DOTALL)
    source = source[: source.index("@layer print {")]  # paper is black on white by nature
    found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*})|rgba?\(|hsl\(", source))
    assert found <= {"#000", "#0007"}, "masks and the veil behind a dialog are no colours of ours; all else is a token"


def test_every_static_file_the_frame_names_exists(engine: minijinja.Environment) -> None:
    page = engine.render_template("base.html", **context("signed in"))
    named = re.findall(r'(?:href|src)="/static/1/([^"]+)"', plain(page))
    assert len(named) >= 6
    assert [name for name in named if not (STATIC / name).is_file()] == []
