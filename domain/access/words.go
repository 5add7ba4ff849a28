package access

import "wangge/domain"

// RoleWords are the roles, from those who only ask to those who run it all.
var RoleWords = domain.NewEnum("Role",
	domain.W(Resident, "居民", "resident"), domain.W(Integration, "系统接入", "integration"), domain.W(Handler, "处置人员", "handler"),
	domain.W(OutreachWorker, "网格员", "outreach worker"), domain.W(CounterWorker, "全科社工", "counter worker"), domain.W(GridLead, "网格长", "grid lead"),
	domain.W(CommunityManager, "社区负责人", "community manager"), domain.W(Dispatcher, "街道指挥员", "dispatcher"),
	domain.W(StreetManager, "街道管理员", "street manager"), domain.W(Admin, "平台管理员", "platform manager"))

// Enum makes a role a word of the contract.
func (Role) Enum() domain.Enum { return RoleWords }

// AreaLevelWords are the levels of areas, highest first.
var AreaLevelWords = domain.NewEnum("AreaLevel",
	domain.W(City, "市", "city"), domain.W(County, "区县", "county"), domain.W(Street, "街道", "street"), domain.W(Community, "社区", "community"))

// AssigneeKindWords are who a ticket may lie with.
var AssigneeKindWords = domain.NewEnum("AssigneeKind", domain.W(Person, "人员", "person"), domain.W(Organisation, "处置单位", "organisation"))

// Enums of this package.
var Enums = []domain.Enum{RoleWords, AreaLevelWords, AssigneeKindWords}
