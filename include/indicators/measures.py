"""What is asked of one dossier: each measure is SQL beside its words, true or false of a dossier that was received.

The SQL speaks of ``d`` (the golden dossier), ``a`` (the handling agency), ``p`` (the procedure), ``s`` (its steps), ``c`` (its components),
``r`` (its results), ``b`` (its requests for supplement), ``f`` (its fees), ``o`` (opinions about it), ``t`` (the portal's receipt) and
``e`` (its end and deadline).
"""

from dataclasses import dataclass

POPULATION = "1"
"""MaCSDL of the national population database in ``DSKetNoiCSDL``; the code list is not published, so it is to be confirmed with the portal."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of ``hub.dossier_fact``, and summed a column of ``hub.dossier_count``."""

    name: str
    sql: str
    vi: str
    en: str


MEASURES: tuple[Measure, ...] = (
    Measure("ended", "e.end_at IS NOT NULL", "Đã kết thúc", "Ended"),
    Measure("on_time", "e.end_at <= e.deadline", "Kết thúc đúng hạn (so đến giây)", "Ended in time, to the second"),
    Measure(
        "on_time_by_day",
        "(e.end_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= (e.deadline AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
        "Kết thúc đúng hạn (so theo ngày)",
        "Ended in time, by the day",
    ),
    Measure("open_judged", "e.end_at IS NULL AND e.deadline IS NOT NULL", "Chưa kết thúc, có hạn", "Without an end, with a deadline"),
    Measure("unjudged", "e.deadline IS NULL", "Không có hạn, thủ tục không có thời hạn", "Neither a due date nor a time limit"),
    Measure("filed_online", "d.channel = 'online'", "Nộp trực tuyến", "Filed online"),
    Measure(
        "online",
        "d.channel = 'online' AND (p.yields IS NOT TRUE OR r.electronic)",
        "Trực tuyến, có kết quả điện tử nếu thủ tục có giấy tờ kết quả",
        "Online, with an electronic result where the procedure yields a paper",
    ),
    Measure("fee_due", "coalesce(p.fee, 0) > 0 AND NOT f.waived", "Phải nộp phí, lệ phí", "A fee is due"),
    Measure(
        "paid_online",
        "coalesce(p.fee, 0) > 0 AND NOT f.waived AND d.online_payment IN ('national', 'local')",
        "Thanh toán trực tuyến (DuocThanhToanTrucTuyen 1, 2)",
        "Paid online (DuocThanhToanTrucTuyen 1, 2)",
    ),
    Measure("yields", "p.yields", "Thủ tục có giấy tờ kết quả", "The procedure yields a paper"),
    Measure("e_result", "p.yields AND r.electronic", "Có kết quả điện tử: mã và đường dẫn", "Has an electronic result: code and link"),
    Measure("digitised_part", "c.files", "Có thành phần hồ sơ kèm tệp", "Has a component with a file"),
    Measure("digitised", "c.files AND r.electronic", "Số hóa cả thành phần và kết quả", "Component and result digitised"),
    Measure("reused", "c.reused", "Có thành phần được tái sử dụng", "Has a reused component"),
    Measure(
        "stored",
        "c.national OR (r.electronic AND t.outcome = 'accepted')",
        "Lấy từ kho DMQG, hoặc kết quả đã đồng bộ lên kho",
        "From the national store, or its result synced there",
    ),
    Measure(
        "population",
        f"""d.eid_verified IS TRUE OR d.linked_databases @> '[{{"code": "{POPULATION}"}}]'""",
        "Xác thực VNeID hoặc kết nối CSDL dân cư",
        "Verified by VNeID, or the population database was asked",
    ),
    Measure("synced", "t.outcome = 'accepted'", "Cổng DVC quốc gia đã nhận", "The national portal has it"),
    Measure("crossed", "d.receiving_agency <> d.handling_agency", "Tiếp nhận tại nơi khác nơi giải quyết", "Received elsewhere than handled"),
    Measure(
        "circulated",
        "s.units > 1",
        "Các bước xử lý điện tử ghi từ hai bộ phận khác nhau trở lên (s.units: số bộ phận; bước không ghi bộ phận không kể)",
        "Electronic handling steps name two different units or more (s.units: how many; steps that name none do not count)",
    ),
    Measure("complained", "o.complained", "Bị phản ánh hoặc không hài lòng", "Complained of, or somebody was not content"),
    Measure("late_or_complained", "o.complained OR e.end_at > e.deadline", "Kết thúc quá hạn hoặc bị phản ánh", "Ended late, or complained of"),
)
NAMES = tuple(measure.name for measure in MEASURES)
BY_NAME = {measure.name: measure for measure in MEASURES}
