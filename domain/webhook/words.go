package webhook

import "wangge/domain"

// StateWords are the states of a target.
var StateWords = domain.NewEnum("WebhookState", domain.W(Active, "启用", "active"), domain.W(Paused, "暂停", "paused"), domain.W(Disabled, "停用", "disabled"))

// WhyWords are why a target is disabled.
var WhyWords = domain.NewEnum("WebhookDisabled", domain.W(ByPerson, "人工停用", "by who manages it"), domain.W(Gone, "接收方已撤销（410）", "the receiver answered 410"))

// ProgressWords are how far a message has come.
var ProgressWords = domain.NewEnum("WebhookDeliveryState", domain.W(Waiting, "等待发送", "waiting"), domain.W(Delivered, "已送达", "delivered"),
	domain.W(Dead, "投递失败，待处理", "dead letter"), domain.W(Skipped, "已跳过", "skipped"), domain.W(Failed, "测试失败", "test failed"))

// ThingWords are what streams are about.
var ThingWords = domain.NewEnum("WebhookThing", domain.W(Case, "受理件", "intake case"), domain.W(Ticket, "工单", "ticket"), domain.W(Ping, "测试", "test ping"))

// ShownWords are how much of a thing a message shows.
var ShownWords = domain.NewEnum("WebhookShown", domain.W(ShownWhole, "全部", "all"), domain.W(ShownLimited, "只有状态与时间", "how it stands"), domain.W(ShownNone, "不可见", "nothing"))

// CutWords are what a message that is too long is not told whole.
var CutWords = domain.NewEnum("WebhookCut", domain.W("photos", "照片", "photos"), domain.W("materials", "材料", "materials"), domain.W("missing", "所缺", "what is wanting"), domain.W("tickets", "关联的工单", "linked tickets"))

// Enums of this package.
var Enums = []domain.Enum{EventWords, StateWords, WhyWords, ProgressWords, ThingWords, ShownWords, CutWords}
