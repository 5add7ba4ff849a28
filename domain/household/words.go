package household

import "wangge/domain"

// OccupancyWords are how a dwelling is lived in.
var OccupancyWords = domain.NewEnum("Occupancy",
	domain.W(Own, "自住", "lived in by the owner"), domain.W(Rent, "租住", "rented"),
	domain.W(EmptyRegistered, "空挂", "registered here, living elsewhere"), domain.W(Vacant, "空置", "vacant"))

// Enum makes an occupancy a word of the contract.
func (Occupancy) Enum() domain.Enum { return OccupancyWords }

// LevelWords are the levels of risk, least first.
var LevelWords = domain.NewEnum("RiskLevel", domain.W("low", "低", "low"), domain.W("medium", "中", "medium"), domain.W("high", "高", "high"))

// Enum makes a level a word of the contract.
func (Level) Enum() domain.Enum { return LevelWords }

// TagSourceWords are where a tag is known from.
var TagSourceWords = domain.NewEnum("TagSource",
	domain.W("visit", "走访", "seen at a visit"), domain.W("registry", "台账", "from a register"), domain.W("import", "导入", "imported"),
	domain.W("self_reported", "本人自述", "said by themselves"))

// Enum makes a source a word of the contract.
func (TagSource) Enum() domain.Enum { return TagSourceWords }

// ReasonWords are why somebody is not where they were.
var ReasonWords = domain.NewEnum("StayReason",
	domain.W(Moved, "全户搬迁", "the household moved"), domain.W(Joined, "转入他户", "joined another household"), domain.W(Left, "迁出", "moved away"), domain.W(Deceased, "死亡", "died"))

// LeavingWords are why somebody is taken out of a household.
var LeavingWords = domain.NewEnum("LeavingReason", domain.W(Left, "迁出", "moved away"), domain.W(Deceased, "死亡", "died"), domain.W(Mistaken, "登记有误", "recorded by mistake"))

// FieldWords are what can be revealed of a person.
var FieldWords = domain.NewEnum("PersonField", domain.W("name", "姓名", "name"), domain.W("phone", "电话", "phone"), domain.W("idNumber", "身份证号码", "ID number"))

// WarningWords are what is worth a look without being wrong.
var WarningWords = domain.NewEnum("WarningCode",
	domain.W("phone_in_use", "其他住户也登记了该电话", "another household has this phone too"),
	domain.W("id_number_in_use", "其他住户也登记了该身份证号码", "another household has this ID number too"))

// Enums of this package.
var Enums = []domain.Enum{OccupancyWords, LevelWords, TagSourceWords, ReasonWords, LeavingWords, FieldWords, WarningWords, AwayWords}

// AwayWords are what became of a household that was found to have moved away.
var AwayWords = domain.NewEnum("MovedAwayState", domain.W(AwayWaits, "待确认", "waiting to be confirmed"), domain.W(AwayConfirmed, "已搬离", "moved away"), domain.W(AwayRefused, "仍在住", "still there"))
