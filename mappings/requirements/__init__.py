"""Which papers and which facts of sector databases satisfy which component of which procedure: reviewed data, read once."""

from functools import cache

from mappings.requirements.model import Catalogue, Component, Fact, Filled, NoMatch, Requirement
from mappings.requirements.reading import CatalogueFault, load, missing, parse

__all__ = ["Catalogue", "CatalogueFault", "Component", "Fact", "Filled", "NoMatch", "Requirement", "catalogue", "load", "missing", "parse"]


@cache
def catalogue() -> Catalogue:
    """The catalogue of this version of the hub."""
    return load()
