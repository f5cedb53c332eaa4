// Social insurance as a node service would serve it: our WSDL, the npm package "soap", no check of its own.
const fs = require('fs'), http = require('http'), soap = require('soap');
const people = (page, size) => Array.from({length: Math.max(0, Math.min(size, 25 - (page - 1) * size))}, (_, i) => ({
  maSoBhxh: String(2400000001 + (page - 1) * size + i), soDinhDanh: '027099000' + String(100 + (page - 1) * size + i), hoTen: 'Nguyễn Văn Mẫu & <con>',
  ngaySinh: '19990102', loaiNgaySinh: '0', gioiTinh: '1', capNhatLuc: '2026-11-04T10:00:00+07:00'}));
const service = {BHXHService: {BHXHPort: {DanhSachNguoiThamGia: (args) => {
  if (args.soLuong > 1000) throw {Fault: {faultcode: 'soap:Client', faultstring: 'soLuong', detail: {loi: {ma: 'THAMSO', moTa: ''}}}, statusCode: 500};
  return {tongSo: 25, trang: args.trang, soTrang: Math.ceil(25 / args.soLuong), nguoiThamGia: people(Number(args.trang), Number(args.soLuong))};
}}}};
const server = http.createServer((request, response) => response.end('404'));
server.listen(0, '127.0.0.1', () => {
  soap.listen(server, '/bhxh', service, fs.readFileSync(process.argv[2], 'utf8'), () => console.log(server.address().port));
});
process.stdin.resume().on('end', () => process.exit(0));
