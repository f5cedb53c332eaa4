"""Charts as SVG drawn by the server: no script, nothing loaded from elsewhere. Each stands beside the table it is drawn from."""

import re
import sys
from collections.abc import Sequence

import pygal
from markupsafe import Markup
from pygal.style import Style

from include.site.pages import number

sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != "PluginImportFixer"]
"""pygal leaves an import hook for plugins (we use none) that makes Python warn at every later import."""
STYLE = Style(
    background="transparent", plot_background="transparent", foreground="#3d4a5c", foreground_strong="#1b2430", foreground_subtle="#8593a3",
    colors=("#14507a", "#b3261e", "#1f7a4d", "#8a5a00"), font_family="system-ui, sans-serif", label_font_size=13, major_label_font_size=13,
    opacity="1", stroke_width="2.5", guide_stroke_color="#c9d1da", major_guide_stroke_color="#c9d1da", no_data_font_size=18,
)  # fmt: skip
SCRIPT = re.compile(r"<script.*?</script>|<!--.*?-->", re.DOTALL)


def trend(title: str, labels: Sequence[str], lines: Sequence[tuple[str, Sequence[float | None]]], *, percent: bool = True) -> Markup:
    """Lines over days. Of a percentage the axis begins where the lowest value is, at most at 90, so that small changes are seen; it says so."""
    known = [value for _, values in lines for value in values if value is not None]
    low = min([90.0, *known]) // 10 * 10 if percent else 0
    chart = pygal.Line(
        js=[], disable_xml_declaration=True, width=900, height=240, style=STYLE, show_legend=len(lines) > 1, legend_at_bottom=True, margin=8,
        range=(low, 100) if percent else None, x_labels=list(labels), x_labels_major_count=8, show_minor_x_labels=False, no_data_text="–",
        value_formatter=number, dots_size=3, include_x_axis=not percent,
    )  # fmt: skip
    for name, values in lines:
        chart.add(name, list(values))
    return drawn(chart, title)


def drawn(chart: pygal.Line, title: str) -> Markup:
    """The chart as a figure with a name for those who do not see it."""
    svg = SCRIPT.sub("", chart.render(is_unicode=True))
    named = svg.replace("<svg ", f'<svg role="img" aria-label="{Markup.escape(title)}" ', 1)
    return Markup(named)  # noqa: S704 pygal escapes what it draws, the title is escaped here
