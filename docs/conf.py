"""How the documentation is built."""

from importlib.metadata import version as installed_version

project = "cdiscount-marketplace"
author = "cdiscount-marketplace maintainers"
copyright = "2026, cdiscount-marketplace maintainers"  # noqa: A001 (the name that Sphinx asks for)
release = version = installed_version("cdiscount-marketplace")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "cdiscount-marketplace"
