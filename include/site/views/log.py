"""The log: how many entries, who signed, whether anything was altered; the latest acts; proof packs and the program that verifies them."""

from pathlib import Path

from starlette.responses import Response

from include import acts
from include.life import Refused, given
from include.proof import pack, verify
from include.proof.audit import verify_all
from include.proof.keys import public_bytes, signing_key
from include.proof.log import heads_file
from include.proof.logs import LOGS
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View, number

MENU = (Entry("/log", "Nhật ký", "Log", (Role.AUDITOR, Role.STAFF)),)
READERS = frozenset({Role.AUDITOR, Role.STAFF})
ACTS = 200
LOG_NAMES = {"runs": ("Báo cáo các lần chạy", "Reports of runs"), "acts": ("Quyết định và lượt xem", "Decisions and looks")}


def page(view: View) -> Response:
    """Sizes, heads, the latest acts."""
    return shown(view, {})


def check(view: View) -> Response:
    """Reads every log whole, and says what it found."""
    found = {
        log: [view.say(f"mục {each.position}: {each.vi}", f"entry {each.position}: {each.en}") for each in bad]
        for log, (_, bad) in verify_all(view.hub).items()
    }
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "verify", "logs", sound=not any(found.values()))
    return shown(view, {log: bad or [view.say("nguyên vẹn", "sound")] for log, bad in found.items()})


def shown(view: View, verdicts: dict[str, list[str]]) -> Response:
    """The page, with what a verification found."""
    heads = view.hub.db.rows("SELECT log, max(size), max(at) FROM hub.log_head GROUP BY log")
    sealed = {log: (size, at) for log, size, at in heads}
    rows = []
    for log in LOGS:
        size = view.hub.db.rows("SELECT coalesce(max(seq) + 1, 0) FROM hub.log_leaf WHERE log = %s", log)[0][0]
        verdict = "; ".join(verdicts.get(log, []))
        tone = "" if not verdict else "good" if verdicts[log] == [view.say("nguyên vẹn", "sound")] else "bad"
        rows.append((view.say(*LOG_NAMES.get(log, (log, log))), log, size, *sealed.get(log, (0, None)), Cell(verdict, tone=tone)))
    columns = view.heads("Nhật ký|Log", "Tên|Name", "Số mục|Entries", "Đã ký đến|Signed up to", "Ký lúc|Signed at", "Kiểm tra|Verdict")
    return view.show(
        "log.html",
        Table("logs", view.say("Các nhật ký", "Logs"), columns, rows),
        latest(view),
        key=public_bytes(signing_key(view.hub.settings)).hex(),
        files=[str(heads_file(view.hub, log).name) for log in LOGS],
    )


def latest(view: View) -> Table:
    """What people did last; ``?kind=`` narrows it, ``?before=`` goes back."""
    before = view.asked("before")
    found = view.hub.db.rows(
        "SELECT seq, at, who, kind, subject, document->>'why' FROM hub.act WHERE (%s = '' OR kind = %s) AND seq < %s ORDER BY seq DESC LIMIT %s",
        view.asked("kind"), view.asked("kind"), number(before) or 2**62, ACTS,
    )  # fmt: skip
    columns = view.heads("Số|No.", "Lúc|At", "Ai|Who", "Việc|What", "Về|About", "Lý do|Why")
    return Table("acts", view.say(f"{ACTS} việc gần nhất", f"The latest {ACTS} acts"), columns, found)


def prove(view: View) -> Response:
    """A proof pack. One of a row holds personal data: it needs a reason."""
    kind, subject, who = view.form.get("kind", ""), view.form.get("subject", ""), view.account.name
    if kind == "run":
        flow, _, run = subject.partition("/")
        body = pack.of_run(view.hub, who, view.flow(flow).id, run)
    elif kind == "row" and (which := number(subject)) is not None:
        rows = view.hub.db.rows("SELECT flow FROM hub.quarantine WHERE id = %s", which)
        view.flow(rows[0][0] if rows else "")
        body = pack.of_row(view.hub, who, which, given(view.form.get("why", ""), view.say("lý do", "reason")))
    else:
        raise Refused(view.say("không rõ gói bằng chứng của gì", "a proof of what?"))
    name = "".join(each if each.isalnum() else "-" for each in f"{kind}-{subject}")
    return Response(body, media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="proof-{name}.zip"'})


def verifier(_view: View) -> Response:
    """The program that verifies packs."""
    text = Path(verify.__file__).read_bytes()
    return Response(text, media_type="text/x-python", headers={"Content-Disposition": 'attachment; filename="verify.py"'})


PAGES = (
    Page("/log", page, READERS),
    Page("/log/verify", check, READERS, posts=True),
    Page("/proof", prove, posts=True),
    Page("/verify.py", verifier),
)
