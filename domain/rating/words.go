package rating

import (
	"slices"

	"wangge/domain"
	"wangge/domain/todo"
)

// KindWords are what can be rated.
var KindWords = domain.NewEnum("RatedKind", domain.W(Case, "受理件", "an intake case"), domain.W(Visit, "走访", "a visit"), domain.W(Ticket, "工单", "a ticket"))

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords }

// StateWords are the states of a rectification in the order of its life.
var StateWords = domain.NewEnum("RectificationState",
	domain.W(Open, "待整改", "to be put right"), domain.W(Stated, "已整改，待回访", "put right, to be called back"),
	domain.W(CalledBack, "回访不满意", "called back, not satisfied"), domain.W(Closed, "已办结", "closed"))

// Enum makes a state a word of the contract.
func (State) Enum() domain.Enum { return StateWords }

// ActionWords are what people do with a rectification.
var ActionWords = domain.NewEnum("RectificationAction",
	domain.W(Assign, "指定整改责任人", "say who puts it right"), domain.W(AssignCaller, "指定回访人", "say who calls back"),
	domain.W(StateResult, "填报整改结果", "state what was done"), domain.W(CallBack, "回访", "call back"),
	domain.W(Again, "重新整改", "put it right again"), domain.W(End, "结束", "close"))

// Enum makes an action a word of the contract.
func (Action) Enum() domain.Enum { return ActionWords }

// FigureWords are what is counted, each apart; the five grades are their own words.
var FigureWords = domain.NewEnum("RatingFigure",
	domain.W(Rateable, "可评价", "could be rated"), domain.W(RatedFigure, "已评价", "rated"), domain.W(Unrated, "未评价", "not rated"),
	domain.W(gradeFigure(5), "非常满意", "very satisfied"), domain.W(gradeFigure(4), "满意", "satisfied"), domain.W(gradeFigure(3), "基本满意", "fairly satisfied"),
	domain.W(gradeFigure(2), "不满意", "dissatisfied"), domain.W(gradeFigure(1), "非常不满意", "very dissatisfied"),
	domain.W(Good, "好评", "good"), domain.W(ToRectify, "应整改", "to be put right"), domain.W(Rectified, "已整改", "put right"),
	domain.W(Reached, "已回访", "called back and reached"), domain.W(Satisfied, "回访满意", "satisfied after the callback"))

// Enum makes a figure a word of the contract.
func (Figure) Enum() domain.Enum { return FigureWords }

// GroupWords are by what ratings are counted.
var GroupWords = domain.NewEnum("RatingGroup", domain.W("kind", "评价对象", "what is rated"), domain.W("community", "社区", "community"),
	domain.W("station", "服务站", "station"), domain.W("item", "事项", "service item"), domain.W("category", "类别", "category of tickets"), domain.W("month", "月份", "month"))

// Enums of this package.
var Enums = []domain.Enum{KindWords, StateWords, ActionWords, FigureWords, GroupWords}

// Figures lists every figure in its order.
var Figures = domain.CodesOf[Figure](FigureWords)

// What people are asked.
var (
	ToPutRight = todo.Declare("rectification", "差评待整改", "a bad rating is to be put right")
	ToCallBack = todo.Declare("rectification_callback", "整改待回访", "what was put right waits for a callback")
	Overdue    = todo.Declare("rectification_overdue", "差评整改逾期", "a bad rating was not put right in time")
)

func has[T comparable](list []T, one T) bool { return slices.Contains(list, one) }
