package area

import "wangge/domain"

// KindWords are the kinds of cells.
var KindWords = domain.NewEnum("CellKind", domain.W(Basic, "基础网格", "basic"), domain.W(Dedicated, "专属网格", "dedicated"), domain.W(Micro, "微网格", "micro"))

// OrganisationKindWords are the kinds of organisations.
var OrganisationKindWords = domain.NewEnum("OrganisationKind",
	domain.W("property_company", "物业公司", "property company"), domain.W("city_management", "城管", "city management"), domain.W("sanitation", "环卫", "sanitation"),
	domain.W("water", "供水排水", "water and drains"), domain.W("power", "供电", "power"), domain.W("police", "公安", "police"),
	domain.W("department", "其他部门", "another department"), domain.W("other", "其他", "other"))

// Enum makes a kind a word of the contract.
func (OrganisationKind) Enum() domain.Enum { return OrganisationKindWords }

// RedrawKindWords are what is done to cells.
var RedrawKindWords = domain.NewEnum("RedrawKind",
	domain.W(Drawn, "边界调整", "boundary"), domain.W(Split, "拆分", "split"), domain.W(Merged, "合并", "merge"),
	domain.W(Retiring, "停用", "retired"), domain.W(Imported, "导入", "import"), domain.W(Undoing, "撤销", "undone"))

// Enums of this package.
var Enums = []domain.Enum{KindWords, OrganisationKindWords, RedrawKindWords}

// KeepsWords are the parts that may keep the code of a cell divided by a line.
var KeepsWords = domain.NewEnum("SplitKeeps", domain.W("larger", "较大的部分", "the larger part"), domain.W("left", "画线方向的左侧", "left of the line"), domain.W("right", "画线方向的右侧", "right of the line"))
