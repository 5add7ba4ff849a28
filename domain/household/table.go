package household

import "wangge/domain/table"

// Table is what a file of households has.
var Table = table.Declaration{
	Bytes: 32 << 20, Rows: 20_000,
	Columns: []table.Column{
		{Name: "estate", Also: []string{"小区", "小区名称", "道路"}, Needed: true},
		{Name: "building", Also: []string{"幢", "楼幢", "楼栋", "门牌号"}, Needed: true},
		{Name: "unit", Also: []string{"单元"}},
		{Name: "floor", Also: []string{"层", "楼层"}},
		{Name: "room", Also: []string{"室", "房号", "室号"}},
		{Name: "lon", Also: []string{"经度", "longitude"}},
		{Name: "lat", Also: []string{"纬度", "latitude"}},
		{Name: "datum", Also: []string{"坐标系"}},
		{Name: "occupancy", Also: []string{"居住情况", "居住类型"}},
		{Name: "name", Also: []string{"姓名"}},
		{Name: "phone", Also: []string{"电话", "手机", "联系电话", "手机号"}, Digits: true},
		{Name: "id_number", Also: []string{"身份证号", "身份证号码", "公民身份号码"}, Digits: true},
		{Name: "relation", Also: []string{"与户主关系", "关系"}},
		{Name: "tags", Also: []string{"标签"}},
		{Name: "owner_name", Also: []string{"产权人", "业主姓名"}},
		{Name: "owner_phone", Also: []string{"产权人电话", "业主电话"}, Digits: true},
		{Name: "occupant_name", Also: []string{"实际居住人"}},
		{Name: "occupant_phone", Also: []string{"实际居住人电话"}, Digits: true},
		{Name: "emergency_name", Also: []string{"紧急联系人"}},
		{Name: "emergency_phone", Also: []string{"紧急联系人电话"}, Digits: true},
	},
}
