"""How people were served at the desks: turns of the queue, and what they said of it."""

from mappings.canonical.model import FLAG, INTEGER, MOMENT, TEXT, Entity, Field

QUEUE_TICKET = Entity(
    "queue_ticket",
    "Lượt giao dịch tại bộ phận một cửa",
    "Queue ticket",
    key="code",
    aliases=("code",),
    trust=("xephang",),
    domain="DOM-ORG",
    stage="status",
    fields=(
        Field("code", TEXT, "Mã lượt", "Ticket code", required=True, source="NĐ 118/2025/NĐ-CP"),
        Field("agency", TEXT, "Cơ quan", "Agency of the desk, canonical code", required=True, source="QĐ 20/2020/QĐ-TTg"),
        Field("desk", TEXT, "Quầy", "Desk"),
        Field("procedure_code", TEXT, "Mã thủ tục", "Procedure code"),
        Field("dossier_code", TEXT, "Mã hồ sơ", "Dossier it led to", source="TT 03/2025/TT-VPCP"),
        Field("taken_at", MOMENT, "Lấy số lúc", "Ticket taken", required=True),
        Field("called_at", MOMENT, "Gọi số lúc", "Called to the desk"),
        Field("finished_at", MOMENT, "Xong lúc", "Served"),
        Field("status", TEXT, "Trạng thái", "waiting, serving, served or left", required=True, codes="ticket_status"),
    ),
)
SURVEY_ANSWER = Entity(
    "survey_answer",
    "Phiếu đánh giá mức độ hài lòng",
    "Satisfaction survey answer",
    key="code",
    aliases=("code",),
    trust=("xephang",),
    domain="DOM-ORG",
    fields=(
        Field("code", TEXT, "Mã phiếu", "Code of the answer", required=True, source="NĐ 118/2025/NĐ-CP"),
        Field("agency", TEXT, "Cơ quan", "Agency spoken of, canonical code", required=True, source="QĐ 20/2020/QĐ-TTg"),
        Field("procedure_code", TEXT, "Mã thủ tục", "Procedure code"),
        Field("dossier_code", TEXT, "Mã hồ sơ", "Dossier spoken of", source="TT 03/2025/TT-VPCP"),
        Field("score", INTEGER, "Điểm", "1 very discontent to 5 very content", required=True),
        Field("complaint", FLAG, "Có phản ánh", "Comes with a complaint"),
        Field("channel", TEXT, "Kênh", "Asked at the desk, online or by text message", codes="survey_channel"),
        Field("answered_at", MOMENT, "Trả lời lúc", "Answered", required=True),
    ),
)
