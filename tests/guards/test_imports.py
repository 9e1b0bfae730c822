"""Guard 1: do imports go only one way, between the apps and inside each of them, and are heavy libraries kept apart?"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "monitoring", "methodical", "reports")

# Names of files and packages inside an app, each line importing only from lines above it; the number is the layer
# of the design. Where files of one layer build on each other the layer has several lines.
LAYERS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ("enums", "roles", "formats", "names", "codes", "catalogue", "chart_specs", "demo_places", "suppression")),
    (1, ("arithmetic", "demo_figures", "charts_strips", "differencing")),
    (2, ("models",)),
    (3, ("access",)),
    (4, ("checks", "workflow", "document", "evidence", "detectors")),
    (4, ("queries", "people")),
    (4, ("charts",)),
    (4, ("content", "chart_files")),
    (5, ("actions", "jobs")),
    (5, ("demo",)),
    (6, ("workbook_reader", "problems", "region_filler")),
    (6, ("workbooks", "region_workbook")),
    (6, ("datatables",)),
    (6, ("figures",)),
    (6, ("forms", "tables", "filters", "html", "accounts", "context", "templatetags")),
    (6, ("heat_table", "grade_table", "region_table")),
    (6, ("strips", "own_results")),
    (6, ("importing",)),
    (6, ("published_files", "finding_tables")),
    (6, ("exporting",)),
    (6, ("pdf", "docx", "middleware")),
    (7, ("tasks",)),
    (7, ("views", "api", "admin")),
    (7, ("urls", "management", "apps", "wsgi", "settings", "migrations")),
)
RANK = {name: rank for rank, (_, names) in enumerate(LAYERS) for name in names}

HEAVY = {"matplotlib": "portal/charts.py", "weasyprint": "reports/pdf.py", "docx": "reports/docx.py"}
VAGUE = {"utils", "util", "tools", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}


@dataclass(frozen=True)
class Import:
    """One import of a file: its dotted target, its line, and whether it runs when the file is loaded."""

    target: str
    line: int
    at_load: bool


def sources(root: Path) -> Iterator[Path]:
    for app in APPS:
        yield from sorted((root / app).rglob("*.py"))


def imports_of(path: Path, root: Path) -> list[Import]:
    """Every absolute import of a file; `from portal import queries` names portal.queries where that is a module."""
    found: list[Import] = []

    def visit(node: ast.AST, at_load: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, node.lineno, at_load) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = path.relative_to(root).parent.parts
                base = ".".join((*package[: len(package) - node.level + 1], *filter(None, [base])))
            for alias in node.names:
                inner = root.joinpath(*base.split("."), alias.name)
                is_module = inner.with_suffix(".py").exists() or inner.is_dir()
                found.append(Import(f"{base}.{alias.name}" if is_module else base, node.lineno, at_load))
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        types_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.iter_child_nodes(node):
            visit(child, at_load and not inside and not types_only)

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


def layer_faults(root: Path) -> list[str]:
    """Files without a place in the table, and imports that do not go down it."""
    faults = []
    for path in sources(root):
        app, name = path.relative_to(root).parts[0], path.relative_to(root).with_suffix("").parts[1]
        where = path.relative_to(root)
        if name == "__init__":
            continue
        if name not in RANK:
            faults.append(f"{where}: «{name}» has no layer; give it one in LAYERS or another name")
            continue
        for one in imports_of(path, root):
            parts = one.target.split(".")
            if parts[0] != app or len(parts) == 1 or parts[1] == name:
                continue
            if parts[1] not in RANK or RANK[parts[1]] >= RANK[name]:
                faults.append(f"{where}:{one.line}: {name} may not import {one.target}")
    return faults


def heavy_faults(root: Path) -> list[str]:
    """Heavy libraries outside their one file, or loaded with it instead of by the function that needs them."""
    faults = []
    for path in sources(root):
        where = str(path.relative_to(root))
        for one in imports_of(path, root):
            home = HEAVY.get(one.target.split(".")[0])
            if home is not None and where != home:
                faults.append(f"{where}:{one.line}: {one.target} belongs to {home}")
            elif home is not None and one.at_load:
                faults.append(f"{where}:{one.line}: {one.target} must be imported inside the function that needs it")
    return faults


def manager_faults(root: Path) -> list[str]:
    """Queries written in views and forms."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: .{node.attr} in a view or a form; ask queries.py or access.load()"
        for path in sources(root)
        if path.relative_to(root).with_suffix("").parts[1] in ("views", "forms", "api")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS
    ]


def vague_names(root: Path) -> list[str]:
    folders = [root / name for name in (*APPS, "tests") if (root / name).is_dir()]
    return [str(path.relative_to(root)) for folder in folders for path in folder.rglob("*") if path.stem in VAGUE]


def test_apps_import_only_downwards():
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_files_of_an_app_import_only_lower_layers():
    assert not (faults := layer_faults(ROOT)), "\n".join(faults)


def test_heavy_libraries_are_loaded_only_by_the_function_that_needs_them():
    assert not (faults := heavy_faults(ROOT)), "\n".join(faults)


def test_views_and_forms_hold_no_queries():
    assert not (faults := manager_faults(ROOT)), "\n".join(faults)


def test_every_file_name_says_what_it_holds():
    assert not (names := vague_names(ROOT)), names


@pytest.mark.parametrize(
    ("rule", "path", "text", "complaint"),
    [
        (layer_faults, "portal/models.py", "from portal.access import load", "models may not import portal.access"),
        (layer_faults, "portal/actions.py", "from portal import views", "actions may not import portal.views"),
        (layer_faults, "portal/queries.py", "def f():\n    import portal.actions", "may not import portal.actions"),
        (layer_faults, "portal/queries.py", "from . import views", "queries may not import portal.views"),
        (layer_faults, "portal/mailing.py", "", "«mailing» has no layer"),
        (heavy_faults, "portal/views.py", "def f():\n    import matplotlib.figure", "belongs to portal/charts.py"),
        (heavy_faults, "portal/charts.py", "from matplotlib import figure", "inside the function"),
        (manager_faults, "portal/views.py", "def f():\n    return School.objects.all()", ".objects in a view"),
        (manager_faults, "portal/forms/school.py", "rows = School._default_manager", "._default_manager in a view"),
        (vague_names, "portal/utils.py", "", "portal/utils.py"),
    ],
)
def test_the_guard_sees_a_broken_rule(tmp_path, rule, path, text, complaint):
    for name in ("access", "actions", "views", "charts"):
        (tmp_path / "portal").mkdir(exist_ok=True)
        (tmp_path / "portal" / f"{name}.py").touch()
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(text, encoding="utf-8")
    assert complaint in "\n".join(rule(tmp_path))


def test_a_lower_layer_a_sibling_and_an_import_inside_a_function_are_free(tmp_path):
    (tmp_path / "portal" / "queries").mkdir(parents=True)
    (tmp_path / "portal" / "models.py").touch()
    (tmp_path / "portal" / "queries" / "schools.py").write_text(
        "from portal.models import School\nfrom portal.queries.people import people\n", encoding="utf-8"
    )
    (tmp_path / "portal" / "charts.py").write_text("def draw():\n    import matplotlib.figure\n", encoding="utf-8")
    assert layer_faults(tmp_path) == heavy_faults(tmp_path) == []
