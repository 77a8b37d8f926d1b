"""Every check of the project, one session each; `nox` runs the ones that a change must pass.

Sessions test the built wheel, never the source folder. uv is used where it is installed, plain venv otherwise.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "imports", "typing", "package", "tests", "chaos", "docs", "demo", "examples", "clients"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
# Tests that neither start processes nor wait.
QUICK = ("tests/soap", "tests/oms", "tests/octopia", "tests/client")
SOURCE_DATE_EPOCH = "1735689600"


def _groups(*names: str) -> list[str]:
    return nox.project.dependency_groups(PROJECT, *names)


def _build(session: nox.Session, folder: Path, *kinds: str) -> Path:
    """Build reproducibly into an empty folder, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    session.install("-q", "build")
    arguments = [f"--{kind}" for kind in kinds]
    env = {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    session.run("python", "-m", "build", "-q", *arguments, "--outdir", str(folder), env=env, silent=True)
    return folder


def _wheel(session: nox.Session) -> Path:
    """Return the wheel of the present source, built once for all sessions of this run."""
    folder = ROOT / ".nox" / f"wheel-{os.getpid()}"
    if not folder.exists():
        for old in folder.parent.glob("wheel-*"):
            shutil.rmtree(old)
        _build(session, folder, "wheel")
    return next(folder.glob("*.whl"))


def _install_wheel(session: nox.Session, extras: str, *groups: str) -> None:
    """Install the wheel with extras and dependency groups."""
    wheel = _wheel(session)
    session.install("-q", f"{wheel}[{extras}]", *_groups(*groups))
    # Another build of the same version may be there from a former run.
    session.install("-q", "--force-reinstall", "--no-deps", str(wheel))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests against the built wheel, with coverage; arguments go to pytest."""
    _install_wheel(session, "all", "test")
    workers = str(min(os.cpu_count() or 1, 4))
    options = ["-n", workers, "--cov=cdiscount_marketplace", "--cov-report=term:skip-covered", "--cov-fail-under=90"]
    session.run("python", "-m", "pytest", *(session.posargs or options))


@nox.session(reuse_venv=True)
def quick(session: nox.Session) -> None:
    """Check in less than a minute what most changes break: form, types, and the tests that stay in one process."""
    session.install("-q", "-e", ".[all]", *_groups("lint", "typing", "test"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("python", "-m", "pytest", "-q", "-n", "2", "-m", "not slow", *(session.posargs or QUICK))


@nox.session(python=["3.12", "3.13"])
def compat(session: nox.Session) -> None:
    """Run the tests on the other versions of Python that are installed here, but for the slow ones."""
    _install_wheel(session, "all", "test")
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "2", "-m", "not slow"]))


@nox.session(venv_backend="venv")
@nox.parametrize("resolution", ["lowest-direct", "highest"])
def dependencies(session: nox.Session, resolution: str) -> None:
    """Run the tests with the oldest dependencies that are allowed, and with the newest there are."""
    session.install("-q", "uv")
    wheel = f"{_wheel(session)}[all]"
    options = ["--resolution", resolution, "--upgrade", "--prerelease", "if-necessary"]
    session.run("uv", "pip", "install", "-q", "--python", _python(session), *options, wheel, *_groups("test"))
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "2"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Check form and style."""
    session.install("-q", *_groups("lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("codespell")


@nox.session
def imports(session: nox.Session) -> None:
    """Check that imports go only the way that the architecture allows."""
    session.install("-q", *_groups("lint"))
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": "src"})


@nox.session
def typing(session: nox.Session) -> None:
    """Check types as strictly as mypy and pyright can, on the package and on the docs' examples."""
    _install_wheel(session, "all", "typing")
    session.run("mypy")
    session.run("pyright", "--pythonpath", _python(session))
    session.run(
        "pyright", "--pythonpath", _python(session), "--verifytypes", "cdiscount_marketplace", "--ignoreexternal"
    )
    examples = Path(session.create_tmp()) / "examples"
    session.run("python", "-m", "support.pages", str(examples), env={"PYTHONPATH": "tests"})
    session.run("pyright", "--pythonpath", _python(session), "--project", str(examples))


def _python(session: nox.Session) -> str:
    return str(Path(session.bin) / "python")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation and follow its links; any warning is an error. Its examples run with the tests."""
    _install_wheel(session, "all", "docs")
    # Pages that were renamed since would stay.
    shutil.rmtree(ROOT / "docs" / "_build" / "html", ignore_errors=True)
    session.run("sphinx-build", "-E", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")
    session.run("python", "-m", "support.links", "check", "docs/_build/html", env={"PYTHONPATH": "tests"})


@nox.session
def links(session: nox.Session) -> None:
    """Ask for every address outside that the documentation links to; needs the network."""
    session.install("-q", "requests", "lxml", "attrs")
    session.run("python", "-m", "support.links", "fetch", env={"PYTHONPATH": "tests"})


@nox.session
def changelog(session: nox.Session) -> None:
    """Show the changelog that the fragments make."""
    session.install("-q", *_groups("changelog"))
    session.run("towncrier", "build", "--draft", "--version", "next")


@nox.session
def api(session: nox.Session) -> None:
    """Compare the public API with the last release; an argument names another tag or commit."""
    session.install("-q", *_groups("api"))
    last = session.posargs or _tags(session)[-1:]
    if not last:
        session.skip("there is no release to compare with yet")
    session.run("python", "-m", "support.api", *last, env={"PYTHONPATH": "tests"})


def _tags(session: nox.Session) -> list[str]:
    """Return the release tags, oldest first."""
    listed = session.run("git", "tag", "--list", "v*", "--sort", "version:refname", external=True, silent=True)
    return str(listed or "").split()


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the GitHub workflows for mistakes that attackers use."""
    session.install("-q", *_groups("workflows"))
    session.run("zizmor", "--offline", "--quiet", ".github")


@nox.session
def package(session: nox.Session) -> None:
    """Build twice and compare, install the wheel bare, and try it; an argument names where to leave it."""
    first, second = (
        _build(session, Path(session.create_tmp()) / name, "wheel", "sdist") for name in ("first", "second")
    )
    for built in sorted(first.iterdir()):
        if built.read_bytes() != (second / built.name).read_bytes():
            session.error(f"{built.name}: two builds differ")
    wheel, sdist = next(first.glob("*.whl")), next(first.glob("*.tar.gz"))
    _check_contents(session, wheel, sdist)
    _try_bare(session, wheel)
    for folder in session.posargs:
        shutil.copytree(first, ROOT / folder, dirs_exist_ok=True)


def _check_contents(session: nox.Session, wheel: Path, sdist: Path) -> None:
    source = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*") if path.is_file()}
    expected = {name for name in source if "__pycache__" not in name}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    if held != expected:
        session.error(f"the wheel and src differ: {sorted(held ^ expected)}")
    with tarfile.open(sdist) as archive:
        foreign = [name for name in archive.getnames() if name.endswith((".pyc", ".db"))]
    if foreign:
        session.error(f"the sdist holds what it should not: {foreign}")


def _try_bare(session: nox.Session, wheel: Path) -> None:
    """Install the wheel without any extra into an environment of its own, and use it."""
    bare = Path(session.create_tmp()) / "bare"
    session.run("python", "-m", "venv", "--clear", str(bare))
    python = str(bare / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", str(wheel), external=True)
    session.run(python, "tests/packaging/bare.py", external=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Compare every benchmark with its target, and draw how costs grow; arguments select targets by file name."""
    _install_wheel(session, "all", "test", "bench")
    if not session.posargs:
        session.run("python", "benchmarks/growth.py", "--plot", "docs/explanation/growth.svg")
    session.run("python", "benchmarks/targets.py", *session.posargs)


@nox.session
def screenshots(session: nox.Session) -> None:
    """Take the documentation's pictures of the pages, with the Chromium that is installed here."""
    _install_wheel(session, "all", "test")
    session.run("python", "-m", "support.screenshots", "docs/images", env={"PYTHONPATH": "tests"})


@nox.session
def demo(session: nox.Session) -> None:
    """Do the main job: pull, accept and ship the orders of a local Cdiscount into `demo.db`."""
    _install_wheel(session, "all")
    session.run("cdiscount-marketplace", "demo", *session.posargs)


@nox.session(venv_backend="none")
def containers(session: nox.Session) -> None:
    """Build the container images and ask each for its version, where docker, podman or buildah is at hand."""
    builder = next(filter(_is_ready, ("docker", "podman", "buildah")), None)
    if builder is None:
        session.skip("no image was built: neither docker, podman nor buildah works here")
    # Without it, podman and buildah leave out the health check.
    options = [] if builder == "docker" else ["--format", "docker"]
    for file in sorted(ROOT.glob("containers/*/Containerfile")):
        image = f"cdiscount-{file.parent.name}"
        session.run(builder, "build", *options, "-f", str(file), "-t", image, str(ROOT), external=True)
        if builder != "buildah":
            entry = ["--entrypoint", "cdiscount-marketplace", image, "--version"]
            session.run(builder, "run", "--rm", *entry, external=True)


def _is_ready(builder: str) -> bool:
    """Return whether a builder is installed, and its daemon, if it has one, answers."""
    if shutil.which(builder) is None:
        return False
    return subprocess.run([builder, "info"], capture_output=True, check=False).returncode == 0  # noqa: S603 (ours)


@nox.session
def examples(session: nox.Session) -> None:
    """Test and type-check the example applications, each as a stranger would start it; run the docs' heavy examples."""
    _install_wheel(session, "sandbox,sql,testing,token-file,web", "examples")
    session.run("python", "-m", "support.pages", "--heavy", env={"PYTHONPATH": "tests"})
    for requirements in sorted(ROOT.glob("examples/*/requirements.txt")):
        session.install("-q", "-r", str(requirements))
        with session.chdir(requirements.parent):
            session.run("python", "-m", "mypy")
            session.run("python", "-m", "pytest", "-q", *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """Call every operation of the sandbox with PHP's SoapClient and node's `soap`, where they are installed."""
    _install_wheel(session, "sandbox")
    modules = Path(session.create_tmp())
    if shutil.which("npm"):
        # Without a registry the module is missing, which the program says.
        install = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(modules), "soap@1")
        session.run(*install, external=True, success_codes=range(256))
    env = {"PYTHONPATH": "tests", "NODE_PATH": str(modules / "node_modules")}
    session.run("python", "-m", "clients", env=env)


@nox.session
def fleet(session: nox.Session) -> None:
    """Put 200 accounts on Celery under fire: `nox -s fleet -- --accounts N --seconds S`."""
    _install_wheel(session, "all", "test")
    session.run("python", "-m", "fleet.trial", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def chaos(session: nox.Session) -> None:
    """Put the whole system under fire: `nox -s chaos -- --runs N --seed S`."""
    _install_wheel(session, "all", "test")
    session.run("python", "-m", "chaos", *session.posargs, env={"PYTHONPATH": "tests"})
