package sms

import "wangge/domain"

// StateWords are how far a message has come; the figures of a day count those from Accepted on.
var StateWords = domain.NewEnum("SMSState", domain.W(Waiting, "等待发送", "waiting"), domain.W(Sending, "发送中", "being sent"), domain.W(Accepted, "已提交运营商", "taken by the service"),
	domain.W(Delivered, "已送达", "delivered"), domain.W(Failed, "失败", "failed"), domain.W(Unknown, "无回执", "no receipt came"), domain.W(Dropped, "未发送", "not sent"))

// WarningWords are what an operator has to see to.
var WarningWords = domain.NewEnum("OperatorWarning", domain.W(BudgetSpent, "短信预算已用完", "the budget of text messages is used up"),
	domain.W(ServiceBroken, "短信服务拒绝：请检查密钥、签名、模板与余额", "the text message service refuses: look at keys, signature, templates and balance"))

// Enums of this package.
var Enums = []domain.Enum{StateWords, WarningWords}
