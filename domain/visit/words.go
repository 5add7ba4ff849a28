package visit

import "wangge/domain"

// StateWords are the states of a visit.
var StateWords = domain.NewEnum("VisitState",
	domain.W(Planned, "待走访", "planned"), domain.W(CheckedIn, "已签到", "checked in"), domain.W(Completed, "已完成", "completed"),
	domain.W(Missed, "未走访", "missed"), domain.W(Cancelled, "已取消", "cancelled"))

// ActionWords are what people do with a visit.
var ActionWords = domain.NewEnum("VisitAction",
	domain.W(CheckIn, "签到", "check in"), domain.W(Complete, "完成", "complete"), domain.W(Abandon, "放弃", "abandon"), domain.W(Reschedule, "改期", "reschedule"),
	domain.W(Reassign, "改派", "reassign"), domain.W(Miss, "登记未走访", "record as missed"), domain.W(Cancel, "取消", "cancel"), domain.W(Review, "审核到访凭证", "review the proof"))

// StopActionWords are what people do with a stop.
var StopActionWords = domain.NewEnum("StopAction",
	domain.W(Complete, "完成", "complete"), domain.W(Abandon, "放弃", "abandon"), domain.W(Review, "审核到访凭证", "review the proof"), domain.W("clear_alert", "解除关注", "clear the alert"))

// ChannelWords are how a household is visited.
var ChannelWords = domain.NewEnum("Channel", domain.W(Home, "上门", "at home"), domain.W(Phone, "电话", "by phone"), domain.W(Video, "视频", "by video"))

// Enum makes a channel a word of the contract.
func (Channel) Enum() domain.Enum { return ChannelWords }

// ResultWords are how a stop ended.
var ResultWords = domain.NewEnum("VisitResult", domain.W(Met, "见到", "met"), domain.W(NoAnswer, "无人应答", "no answer"), domain.W(Refused, "拒访", "refused"), domain.W(MovedAway, "已搬离", "moved away"))

// Enum makes a result a word of the contract.
func (Result) Enum() domain.Enum { return ResultWords }

// DoubtWords are why a proof may be weak.
var DoubtWords = domain.NewEnum("Doubt", append([]domain.Word{
	domain.W(TooFar, "距离过远", "too far away"), domain.W(Imprecise, "定位精度差", "an imprecise position"), domain.W(MockLocation, "模拟定位", "a made-up position"),
	domain.W(TooFast, "移动过快", "moved too fast"), domain.W(TooShort, "停留过短", "stayed too short"), domain.W(PhotoReused, "照片重复使用", "a photo used before"),
}, domain.ClockDoubtWords.Words...)...)

// ProofStateWords are the states of a proof of visit.
var ProofStateWords = domain.NewEnum("ProofState", domain.W(Clear, "无疑点", "clear"), domain.W(Flagged, "待审核", "to be reviewed"), domain.W(Accepted, "审核通过", "accepted"), domain.W(Rejected, "审核不通过", "rejected"))

// StopStateWords are the states of a stop.
var StopStateWords = domain.NewEnum("StopState", domain.W(AtTheDoor, "进行中", "at the door"), domain.W(Over, "已完成", "completed"), domain.W(Abandoned, "已放弃", "abandoned"))

// QueueWords are the lists of stops that wait for a lead.
var QueueWords = domain.NewEnum("StopQueue", domain.W(InReview, "待审核", "to be reviewed"), domain.W(InAlert, "需关注", "alerts"))

// AlertWords are the states of an alert.
var AlertWords = domain.NewEnum("AlertState", domain.W(Raised, "需关注", "raised"), domain.W(Cleared, "已解除", "cleared"))

// PromiseStateWords are the states of a promise.
var PromiseStateWords = domain.NewEnum("PromiseState", domain.W(PromiseOpen, "待兑现", "open"), domain.W(Kept, "已兑现", "kept"), domain.W(Withdrawn, "已撤销", "withdrawn"))

// PromiseEndWords are how a promise ends.
var PromiseEndWords = domain.NewEnum("PromiseEnd", domain.W(Kept, "已兑现", "kept"), domain.W(Withdrawn, "已撤销", "withdrawn"))

// WorkKindWords are what is done besides visiting.
var WorkKindWords = domain.NewEnum("WorkKind", domain.W(Aid, "帮扶", "aid"), domain.W(Activity, "活动", "activity"))

// NeedWords are what a need may become.
var NeedWords = domain.NewEnum("NeedKind", domain.W("ticket", "工单", "a ticket"), domain.W("case", "受理件", "an intake case"))

// Enums of this package.
var Enums = []domain.Enum{StateWords, ActionWords, StopActionWords, ChannelWords, ResultWords, DoubtWords,
	ProofStateWords, StopStateWords, QueueWords, AlertWords, PromiseStateWords, PromiseEndWords, WorkKindWords, NeedWords}
