package plan

import "wangge/domain"

// StateWords are the states of a plan.
var StateWords = domain.NewEnum("PlanState", domain.W(Draft, "草稿", "draft"), domain.W(Active, "执行中", "active"), domain.W(Paused, "已暂停", "paused"), domain.W(Ended, "已结束", "ended"))

// ActionWords are what is done to a plan.
var ActionWords = domain.NewEnum("PlanAction", domain.W("activate", "启用", "activate"), domain.W("pause", "暂停", "pause"), domain.W("end", "结束", "end"))

// RungWords are who hears of a visit that is overdue, in order.
var RungWords = domain.NewEnum("LadderStep", domain.W("worker", "走访人员", "the visitor"), domain.W("grid_lead", "网格长", "the grid lead"), domain.W("street_manager", "街道管理员", "the street manager"))

// Enums of this package.
var Enums = []domain.Enum{StateWords, ActionWords, RungWords}
