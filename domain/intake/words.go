package intake

import (
	"slices"

	"wangge/domain"
)

// StateWords are the states of a case in the order of its life.
var StateWords = domain.NewEnum("IntakeCaseState",
	domain.W(Received, "已收件", "received"), domain.W(Accepted, "已受理", "accepted"), domain.W(NotAccepted, "不予受理", "not accepted"),
	domain.W(InReview, "审核中", "in review"), domain.W(NeedsMaterial, "待补正材料", "needs material"), domain.W(Done, "已办结", "done"),
	domain.W(Refused, "不予办理", "refused"), domain.W(Withdrawn, "已撤回", "withdrawn"), domain.W(Collected, "已领取", "collected"),
	domain.W(Other, "其他（未对应）", "other, not mapped"))

// next is what happens next, as whose case it is is told.
var next = domain.NewEnum("",
	domain.W(Received, "工作人员正在核对，将决定是否受理", "it is looked at whether it can be accepted"),
	domain.W(Accepted, "已受理，接下来进入审核", "it is accepted and will be reviewed"),
	domain.W(NotAccepted, "未能受理，原因见说明；条件具备后可重新申请", "it was not accepted, for the reason given; once that is met it can be brought again"),
	domain.W(InReview, "正在审核，将在承诺日期前办结", "it is being reviewed, and will be done by the promised day"),
	domain.W(NeedsMaterial, "请补齐所列材料，可拍照补交或送到服务站；补齐前承诺日期顺延", "hand in what is listed, by photo or at the station; until then the promise stands still"),
	domain.W(Done, "已办结，可领取结果", "it is done; the result can be collected"),
	domain.W(Refused, "不予办理，原因见说明", "it was refused, for the reason given"),
	domain.W(Withdrawn, "已撤回，不再办理", "it was withdrawn, and nothing more happens"),
	domain.W(Collected, "已办结并领取结果", "it is done, and the result was collected"),
	domain.W(Other, "由所属平台办理中，进展以平台为准", "its platform is at work on it, and knows how far it is"))

// NextText says what happens next with a case in this state.
func NextText(s State) domain.Text { return next.Text(string(s)) }

// StateText says what the state is.
func StateText(s State) domain.Text { return StateWords.Text(string(s)) }

// MappedWords are the states that a platform's word may mean.
var MappedWords = domain.NewEnum("IntakeMappedState", StateWords.Words[:len(StateWords.Words)-1]...)

// ActionWords are what people do with a case of ours.
var ActionWords = domain.NewEnum("IntakeCaseAction",
	domain.W(Accept, "受理", "accept"), domain.W(NotAccept, "不予受理", "do not accept"), domain.W(Review, "开始审核", "start the review"),
	domain.W(AskMaterial, "通知补正材料", "ask for materials"), domain.W(Resume, "材料补齐，恢复审核", "resume, materials are complete"), domain.W(Finish, "办结", "finish"),
	domain.W(Refuse, "不予办理", "refuse"), domain.W(Withdraw, "撤回", "withdraw"), domain.W(Collect, "领取结果", "collect"))

// Enum makes an action a word of the contract.
func (Action) Enum() domain.Enum { return ActionWords }

// FieldWords are what can be revealed of an applicant.
var FieldWords = domain.NewEnum("ApplicantField", domain.W("name", "姓名", "name"), domain.W("phone", "电话", "phone"), domain.W("idNumber", "身份证号", "ID number"))

// CountWords are what cases are counted by.
var CountWords = domain.NewEnum("IntakeCountField", domain.W("state", "状态", "state"), domain.W("item", "事项", "service item"), domain.W("category", "类别", "category"),
	domain.W("station", "服务站", "station"), domain.W("system", "平台", "platform"), domain.W("word", "平台状态词", "the platform's word"))

// TripSourceWords are who says that a resident made a trip.
var TripSourceWords = domain.NewEnum("IntakeTripSource", domain.W("platform", "平台", "the platform"), domain.W("staff", "工作人员", "staff"))

// EventWords are what stands on a case's timeline.
var EventWords = domain.NewEnum("IntakeEvent", append(slices.Clone(ActionWords.Words),
	domain.W("open", "窗口收件", "opened by hand"), domain.W("receive", "平台收件", "received from the platform"), domain.W("update", "平台更新", "updated by the platform"),
	domain.W("take_over", "由平台接管", "taken over by the platform"), domain.W("map", "状态词已对应", "the platform's word was mapped"), domain.W("promise", "承诺日期重新计算", "the promise was reckoned anew"),
	domain.W("sensitive", "事项已列为敏感", "its item became sensitive"), domain.W("assign", "更改经办", "who sees it through was changed"), domain.W("trip", "登记跑动", "a trip was noted"), domain.W("material", "收到材料", "a material was noted"), domain.W("home_call", "上门代办", "home call"), domain.W("reveal", "查看个人信息", "personal data revealed"), domain.W("fetch", "平台取走材料照片", "its platform fetched a photo of a material"),
	domain.W("link", "关联", "linked"), domain.W("unlink", "解除关联", "no longer linked"), domain.W("rated", "当事人已评价", "rated by whose it is"))...)

// Enums of this package.
var Enums = []domain.Enum{StateWords, MappedWords, ActionWords, FieldWords, CountWords, TripSourceWords, EventWords, DecidedWords}

// EventText says what an action on a timeline is.
func EventText(action string) domain.Text { return EventWords.Text(action) }
