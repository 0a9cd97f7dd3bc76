"""Loaded by pytest where mutants are tried: the same examples for each, and the first that fails is enough.

Mutants run in copies of a process that has run the tests before: what was kept there would hide a change.
"""

import sys
from functools import _lru_cache_wrapper

import pytest
from hypothesis import Phase, settings

settings.register_profile("mutants", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Forget what functions of the domain remember."""
    for name, module in list(sys.modules.items()):
        if name.startswith("scoring_service.domain"):
            for kept in vars(module).values():
                if isinstance(kept, _lru_cache_wrapper):
                    kept.cache_clear()
