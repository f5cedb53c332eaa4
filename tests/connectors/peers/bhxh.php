<?php // Social insurance as PHP's SoapServer serves it from our WSDL.
ini_set('soap.wsdl_cache_enabled', '0');
class Service {
    public function DanhSachNguoiThamGia($ask) {
        if ($ask->soLuong > 1000) {
            $detail = new SoapVar('<loi xmlns="urn:bhxh:nguoithamgia:1"><ma>THAMSO</ma><moTa/></loi>', XSD_ANYXML);
            throw new SoapFault('Client', 'soLuong', null, $detail);
        }
        $rows = [];
        for ($n = ($ask->trang - 1) * $ask->soLuong; $n < min(25, $ask->trang * $ask->soLuong); $n++) {
            $rows[] = ['maSoBhxh' => (string)(2400000001 + $n), 'soDinhDanh' => '027099000' . (100 + $n), 'hoTen' => 'Nguyễn Văn Mẫu & <con>',
                'ngaySinh' => '19990102', 'loaiNgaySinh' => '0', 'gioiTinh' => '1', 'capNhatLuc' => '2026-11-04T10:00:00+07:00'];
        }
        return ['tongSo' => 25, 'trang' => $ask->trang, 'soTrang' => ceil(25 / $ask->soLuong), 'nguoiThamGia' => $rows];
    }
}
$server = new SoapServer(getenv('HUB_WSDL'));
$server->setClass('Service');
$server->handle();
