"""One expectation of Great Expectations asked of one frame, on either engine."""

from functools import cache
from typing import Any

import pandas as pd


@cache
def batches(kind: str) -> Any:
    """A batch definition: ``pandas`` is the stock datasource, ``hub_pandas`` ours."""
    import great_expectations as gx

    import quality.engine  # noqa: F401

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return getattr(context.data_sources, f"add_{kind}")("s").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")


def expect(frame: pd.DataFrame, name: str, *, kind: str = "hub_pandas", **settings: Any) -> Any:
    """The result of an expectation."""
    import great_expectations.expectations as gxe

    return batches(kind).get_batch({"dataframe": frame}).validate(getattr(gxe, name)(**settings), result_format="COMPLETE")
