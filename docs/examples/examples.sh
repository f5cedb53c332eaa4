#!/bin/sh
# Tra cứu bằng curl · Look-ups with curl. TOKEN: an access token; NUMBER, TAX_CODE: whom to ask about; HUB: the service's address.
set -eu
HUB=${HUB:-http://127.0.0.1:8480}
ask() {
    curl -sS "$HUB$1" -H "Authorization: Bearer $TOKEN" -H "Purpose-Of-Use: ${PURPOSE:-1.001193}" -H "Dossier-Id: ${DOSSIER:-H05.16-261101-0001}" \
        -H "Officer-Id: ${OFFICER:-CB.0001}" -H "Content-Type: application/json" -d "$2"
    echo
}
NUMBER=${NUMBER:-024085000037}
ask /v1/persons/lookup "{\"type\": \"personal_number\", \"value\": \"$NUMBER\", \"fields\": [\"full_name\", \"birth_date\"]}"
ask /v1/once-only/resolve "{\"value\": \"$NUMBER\", \"agency\": \"H05.201\"}"
ask /v1/persons/verify "{\"personal_number\": \"$NUMBER\", \"full_name\": \"Nguyễn Văn B\", \"birth_date\": \"1951-03-02\"}"
ask /v1/enterprises/lookup "{\"type\": \"tax_code\", \"value\": \"${TAX_CODE:-2300123454}\", \"fields\": [\"name\", \"legal_status\"]}"
