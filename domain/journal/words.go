package journal

import (
	"strings"

	"wangge/domain"
	"wangge/domain/intake"
	"wangge/domain/ticket"
)

// Text is what people call an action; nothing of one that there is not.
func Text(action string) domain.Text {
	if text, ok := texts[action]; ok {
		return text
	}
	of, step, _ := strings.Cut(action, ".")
	switch of {
	case "ticket":
		return ticket.Action(step).Text()
	case "case":
		return intake.EventWords.Text(step)
	}
	return domain.Text{}
}

// Known reports whether there is such an action.
func Known(action string) bool { return Text(action) != (domain.Text{}) }

// texts are what was done with everything that has no timeline, or does not stand there.
var texts = map[string]domain.Text{
	"homecall.book": domain.T("预约上门代办", "home call booked"), "homecall.move": domain.T("上门代办改期", "home call moved"), "homecall.assign": domain.T("指定上门人员", "who makes the home call was said"),
	"homecall.cancel": domain.T("取消上门代办", "home call cancelled"), "homecall.cancelled": domain.T("上门代办已取消", "home call is cancelled"), "homecall.missed": domain.T("上门代办未成行", "home call missed"),
	"homecall.not_met": domain.T("上门未见到人", "nobody met at the home call"), "homecall.done": domain.T("上门代办完成", "home call made"), "homecall.follow": domain.T("上门代办随住户迁移", "home call follows its household"), "homecall.reveal": domain.T("查看联系电话", "phone of a home call revealed"),

	"rectification.open": domain.T("差评整改开始", "rectification opened"), "rectification.assign": domain.T("指定整改责任人", "who puts it right was said"), "rectification.assign_caller": domain.T("指定回访人", "who calls back was said"),
	"rectification.state_result": domain.T("填报整改结果", "result of a rectification stated"), "rectification.call_back": domain.T("回访", "called back"), "rectification.again": domain.T("重新整改", "to be put right again"),
	"rectification.escalate": domain.T("整改逾期上报", "overdue rectification went up"), "rectification.promise": domain.T("整改期限重算", "term of a rectification reckoned anew"), "rectification.close": domain.T("整改结束", "rectification closed"),

	"visit.plan": domain.T("安排走访", "visit planned"), "visit.book": domain.T("安排上门", "visit of a home call made"), "visit.restore": domain.T("恢复走访", "visit restored"), "visit.follow": domain.T("走访随住户迁移", "visit follows its household"),
	"visit.check_in": domain.T("走访签到", "checked in for a visit"), "visit.complete": domain.T("完成走访", "visit completed"), "visit.abandon": domain.T("走访中止", "visit abandoned"), "visit.miss": domain.T("走访逾期未做", "visit missed"),
	"visit.cancel": domain.T("取消走访", "visit cancelled"), "visit.reschedule": domain.T("走访改期", "visit rescheduled"), "visit.reassign": domain.T("走访改派", "visit reassigned"), "visit.escalate": domain.T("走访逾期上报", "overdue visit went up"),
	"visit.review": domain.T("审核走访", "visit reviewed"), "visit.rated": domain.T("走访已评价", "visit rated"), "visit.link": domain.T("走访关联", "linked to a visit"), "visit.unlink": domain.T("解除走访关联", "no longer linked to a visit"),

	"stop.check_in": domain.T("敲门签到", "checked in at a door"), "stop.complete": domain.T("敲门完成", "stop completed"), "stop.abandon": domain.T("敲门中止", "stop abandoned"), "stop.review": domain.T("审核敲门", "stop reviewed"),
	"stop.welfare_alert": domain.T("发出平安预警", "welfare alert raised"), "stop.clear_alert": domain.T("解除平安预警", "welfare alert cleared"), "stop.link": domain.T("敲门关联", "linked to a stop"), "stop.unlink": domain.T("解除敲门关联", "no longer linked to a stop"),
	"promise.make": domain.T("作出承诺", "promise made"), "promise.kept": domain.T("兑现承诺", "promise kept"), "promise.withdrawn": domain.T("撤回承诺", "promise withdrawn"), "promise.follow": domain.T("承诺随住户迁移", "promise follows its household"),

	"visitPlan.create": domain.T("新建走访计划", "visit plan made"), "visitPlan.change": domain.T("修改走访计划", "visit plan changed"), "visitPlan.activate": domain.T("启用走访计划", "visit plan activated"), "visitPlan.pause": domain.T("暂停走访计划", "visit plan paused"), "visitPlan.end": domain.T("结束走访计划", "visit plan ended"),
	"form.saved": domain.T("保存走访表", "form saved"), "form.superseded": domain.T("走访表被新版取代", "form superseded"), "work.activity": domain.T("登记社区活动", "activity noted"), "work.aid": domain.T("登记帮扶", "aid noted"),

	"household.create": domain.T("建立住户", "household made"), "household.correct": domain.T("更正住户", "household corrected"), "household.change": domain.T("修改住户", "household changed"), "household.delete": domain.T("删除住户", "household deleted"),
	"household.restore": domain.T("恢复住户", "household restored"), "household.import": domain.T("导入住户", "household imported"), "household.roll": domain.T("标签到期更新", "tags rolled on by time"), "household.follow": domain.T("住户随地址更新", "household follows its address"), "household.rezone": domain.T("住户划入其他网格", "household came to another cell"),
	"household.merge": domain.T("并入其他住户", "household merged into another"), "household.merge_into": domain.T("其他住户并入", "another household merged into it"), "household.unmerge": domain.T("撤销住户合并", "households taken apart again"), "household.move": domain.T("住户迁移", "household moved"),
	"household.moved_away": domain.T("确认迁离", "household has moved away"), "household.found_away": domain.T("发现疑似迁离", "household found gone"), "household.still_here": domain.T("确认仍在", "household is still there"), "household.leave": domain.T("成员迁出", "a member left the household"), "household.visited": domain.T("住户已走访", "household visited"),
	"household.add_member": domain.T("增加成员", "member added"), "household.change_member": domain.T("修改成员", "member changed"), "household.remove_member": domain.T("移出成员", "member taken out"), "household.tag": domain.T("添加标签", "tagged"), "household.untag": domain.T("取消标签", "tag taken away"),
	"household.reveal": domain.T("查看个人信息", "personal data revealed"), "household.search": domain.T("按电话或证件号码查找", "searched by phone or ID number"), "household.find": domain.T("窗口按号码查找住户", "a counter looked for a household by a number"),

	"station.create": domain.T("设立服务站", "station made"), "station.update": domain.T("修改服务站", "station changed"), "station.staff": domain.T("调整服务站人员", "people of a station changed"), "station.shifts": domain.T("排班", "shifts set"), "station.absence": domain.T("登记请假", "absence entered"),
	"station.absence_ended": domain.T("请假结束", "absence ended"), "station.hole": domain.T("窗口无人", "a window is not covered"), "station.hole_closed": domain.T("窗口空缺已补", "a window is covered again"),
	"qualification.give": domain.T("登记资格", "qualification given"), "qualification-kind.define": domain.T("设定资格种类", "kind of qualification set"), "service-item.decide": domain.T("设定事项", "service item set"), "qualification.near-end": domain.T("资格将到期", "qualification expires soon"), "qualification.expire": domain.T("资格到期", "qualification expired"), "qualification.revoke": domain.T("撤销资格", "qualification revoked"), "qualification.place": domain.T("资格随任职更新", "qualification follows a posting"), "training.make": domain.T("登记培训", "training noted"),

	"cell.add": domain.T("新增网格", "cell added"), "cell.change": domain.T("修改网格", "cell changed"), "cell.redraw": domain.T("重划网格", "cell redrawn"), "cell.retire": domain.T("撤销网格", "cell retired"), "cell.staff": domain.T("调整网格人员", "people of a cell changed"),
	"redraw.boundary": domain.T("重划边界", "boundary redrawn"), "redraw.import": domain.T("导入网格", "cells imported"), "redraw.merge": domain.T("合并网格", "cells merged"), "redraw.retire": domain.T("撤销网格", "cell retired"), "redraw.split": domain.T("拆分网格", "cell split"), "redraw.undo": domain.T("撤销重划", "redraw taken back"), "redraw.undone": domain.T("重划已被撤销", "redraw was taken back"),
	"area.add": domain.T("新增区划", "area added"), "area.end": domain.T("撤销区划", "area ended"), "area.rename": domain.T("区划更名", "area renamed"), "area.reopen": domain.T("恢复区划", "area reopened"), "area.succeed": domain.T("区划沿革", "area succeeded"),
	"organisation.create": domain.T("新增处置单位", "organisation made"), "organisation.update": domain.T("修改处置单位", "organisation changed"),

	"account.create": domain.T("建立账号", "account made"), "account.register": domain.T("居民注册", "resident registered"), "account.update": domain.T("修改账号", "account changed"), "account.password": domain.T("修改密码", "password changed"), "account.phone_proved": domain.T("验证手机号码", "phone proved"),
	"account.rehash": domain.T("密码存储更新", "password stored anew"), "account.end_sessions": domain.T("结束全部登录", "all sessions ended"), "account.disable": domain.T("停用账号", "account disabled"), "account.enable": domain.T("启用账号", "account enabled"), "account.grants": domain.T("调整角色", "roles changed"), "account.grant": domain.T("授予角色", "role granted"), "account.revoke": domain.T("收回角色", "role revoked"),
	"cover.create": domain.T("安排顶岗", "cover arranged"), "cover.update": domain.T("修改顶岗", "cover changed"), "cover.end": domain.T("结束顶岗", "cover ended"), "duty.set": domain.T("值班表", "duty set"),
	"posting.create": domain.T("登记任职", "posting entered"), "posting.update": domain.T("修改任职", "posting changed"), "posting.remove": domain.T("删除任职", "posting removed"), "deployment.baseline": domain.T("填报改革前编制", "staff of before stated"),

	"policy.begin": domain.T("政策生效", "policy in force"), "policy.carry_over": domain.T("沿用原有规定", "rules of before carried over"), "policy.head": domain.T("政策版本更新", "policy has a new version"), "policy.draft": domain.T("起草政策", "policy drafted"), "policy.drop_draft": domain.T("放弃政策草稿", "draft of a policy dropped"),
	"policy.publish": domain.T("发布政策", "policy published"), "policy.publish_draft": domain.T("发布政策草稿", "draft of a policy published"), "policy.amend": domain.T("修订政策", "policy amended"), "calendar.begin": domain.T("日历启用", "calendar begun"), "calendar.year": domain.T("设定节假日", "holidays of a year set"),
	"case.key": domain.T("登记平台编号", "known by another number"), "address.import": domain.T("导入标准地址", "addresses imported"), "intake.system": domain.T("设定受理平台", "platform of cases set"), "cell_notice.send": domain.T("发出网格通知", "notice to a cell sent"), "cell_notice.told": domain.T("网格通知已送达", "all of a cell were told"), "cell_notice.withdraw": domain.T("撤回网格通知", "notice to a cell taken back"),

	"webhook.create": domain.T("新增推送目标", "webhook made"), "webhook.change": domain.T("修改推送目标", "webhook changed"), "webhook.delete": domain.T("删除推送目标", "webhook deleted"), "webhook.disable": domain.T("推送目标已停用", "webhook disabled"), "webhook.dead": domain.T("推送失败", "a message could not be delivered"),
	"webhook.rotate": domain.T("更换推送密钥", "secret of a webhook changed"), "webhook.end_secret": domain.T("停用推送密钥", "secret of a webhook ended"), "webhook.ping": domain.T("测试推送", "webhook pinged"), "webhook.replay": domain.T("重发失败消息", "dead letters replayed"), "webhook.skip": domain.T("跳过失败消息", "dead letters skipped"),
	"robot.create": domain.T("新增群机器人", "robot made"), "robot.change": domain.T("修改群机器人", "robot changed"), "robot.delete": domain.T("删除群机器人", "robot deleted"), "robot.refused": domain.T("群机器人被拒绝", "robot was refused"),
}
