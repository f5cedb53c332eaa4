"""Months: the report of each as a PDF, and who approved it."""

from starlette.responses import Response

from include import acts, signoff
from include.monthly import compose, month_of, pdf
from include.site.accounts import Role
from include.site.table import Cell, Table, floored, score
from include.site.view import Entry, Page, View

MENU = (Entry("/months", "Báo cáo tháng", "Monthly reports"),)
BACK = 24


def listing(view: View) -> Response:
    """The months there are scores for."""
    days = view.hub.db.rows("SELECT DISTINCT date_trunc('month', day)::date FROM hub.score_day ORDER BY 1 DESC LIMIT %s", BACK)
    rows = []
    for (first,) in days:
        name = f"{first:%Y-%m}"
        signs = [act for act in acts.of(view.hub, f"month/{name}") if act["kind"] == "sign"]
        approved = ", ".join(act["who"] for act in signs if act["decision"] == "approve")
        objected = ", ".join(act["who"] for act in signs if act["decision"] == "object")
        rows.append((Cell(f"{first:%m/%Y}", f"/months/{name}"), approved, Cell(objected, tone="bad" if objected else "")))
    columns = view.heads("Tháng|Month", "Đồng ý|Approved", "Có ý kiến|Objected")
    return view.show("months.html", Table("months", view.say("Các tháng", "Months"), columns, rows))


def page(view: View) -> Response:
    """One month: its figures, the PDF, sign-off."""
    month = month_of(view.named("month"))
    found = compose(view.hub, month, view.account.flows)
    link = f"?from={month.first}&to={month.last}"
    rows = [
        (Cell(view.say(one.vi, one.en), f"/sources/{one.flow}{link}"), score(one.total), one.evaluated, one.failed, one.held, one.closed)
        for one in found.sources
    ]
    columns = view.heads("Nguồn|Source", "DQI|DQI", "Lượt xét|Evaluations", "Không đạt|Failed", "Vào cách ly|Put aside", "Ra khỏi|Closed")
    return view.show(
        "month.html",
        Table("sources", view.say("Theo nguồn", "By source"), columns, rows),
        month=month,
        total=None if found.total is None else floored(found.total),
        sha256=found.sha256,
        signatures=[act for act in acts.of(view.hub, f"month/{month.name}") if act["kind"] == "sign"],
    )


def file(view: View) -> Response:
    """The PDF."""
    month = month_of(view.named("month"))
    body = pdf(view.hub, compose(view.hub, month, view.account.flows))
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "export", f"month/{month.name}", format="pdf")
    name = f"bac-ninh-dqi-{month.name}.pdf"
    return Response(body, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def sign(view: View) -> Response:
    """An auditor approves or objects to a run's or a month's report, as it was when the form was shown."""
    kind, _, name = view.form.get("subject", "").partition("/")
    if kind == "month":
        month = month_of(name)
        now, back = compose(view.hub, month, view.account.flows).sha256, f"/months/{month.name}"
    else:
        flow, _, run = name.partition("/")
        now, back = signoff.of_run(view.hub, view.flow(flow).id, run), f"/runs/{flow}/{run}"
    said = view.form.get("decision", ""), view.form.get("comment", "")
    signoff.sign(view.hub, view.account.name, f"{kind}/{name}", *said, read=view.form.get("sha256", ""), now=now)
    return view.back(back)


PAGES = (
    Page("/months", listing),
    Page("/months/{month}.pdf", file),
    Page("/months/{month}", page),
    Page("/sign", sign, frozenset({Role.AUDITOR}), posts=True),
)
