"""Land: certificates and the parcels they are for."""

from mappings.canonical.model import BASIC, DATE, INTEGER, LIST, TEXT, Entity, Field

PARCEL = (
    Field("parcel_key", TEXT, "Khóa thửa đất", "Legacy commune, sheet and parcel: communes merged, sheets were not renumbered", required=True),
    Field("legacy_commune", TEXT, "Mã xã khi lập bản đồ", "Commune code of the map sheet, before 2025-07-01"),
    Field("sheet", TEXT, "Số tờ bản đồ", "Map sheet", required=True),
    Field("parcel", TEXT, "Số thửa", "Parcel on the sheet", required=True),
    Field("area_dm2", INTEGER, "Diện tích (dm²)", "Area, square decimetres: two decimals of a square metre"),
    Field("purpose", TEXT, "Mục đích sử dụng", "Purpose of use", source="TT 08/2024/TT-BTNMT", codes="land_purpose"),
    Field("address", TEXT, "Địa chỉ thửa đất", "Address of the parcel"),
)

LAND_CERTIFICATE = Entity(
    "land_certificate",
    "Giấy chứng nhận quyền sử dụng đất",
    "Land use right certificate",
    key="serial",
    aliases=("serial", "certificate_code"),
    trust=("datdai",),
    domain="DOM-CADASTRAL",
    fields=(
        Field("serial", TEXT, "Số phát hành", "Serial: letters and digits, no blank", required=True, source="TT 10/2024/TT-BTNMT"),
        Field("certificate_code", TEXT, "Mã giấy chứng nhận", "12 characters, once the national land system gives it", source="TT 10/2024/TT-BTNMT"),
        Field("book_number", TEXT, "Số vào sổ cấp GCN", "Number in the book of issue"),
        Field("issued_on", DATE, "Ngày cấp", "Issued on"),
        Field("issuer", TEXT, "Cơ quan cấp", "Issuing agency"),
        Field("status", TEXT, "Tình trạng", "valid, changed, revoked or replaced", codes="land_status"),
        Field("owner_name", TEXT, "Người sử dụng đất", "Holder", BASIC, required=True),
        Field("owner_number", TEXT, "Số định danh người sử dụng đất", "Holder's personal number or tax code", BASIC),
        Field("co_owner_name", TEXT, "Người cùng sử dụng đất", "Second holder", BASIC),
        Field("co_owner_number", TEXT, "Số định danh người cùng sử dụng đất", "Second holder's personal number", BASIC),
        Field("commune_code", TEXT, "Mã xã/phường", "Commune of the land, current code", source="QĐ 19/2025/QĐ-TTg", codes="communes"),
        Field("address", TEXT, "Địa chỉ", "Address of the land"),
        Field("parcels", LIST, "Thửa đất", "Parcels", parts=PARCEL),
    ),
)
