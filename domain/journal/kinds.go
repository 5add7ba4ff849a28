package journal

import "wangge/domain"

// Kind is what an entry is about.
type Kind string

// Search is a search for somebody by a phone or an ID number, which is about no thing.
const Search Kind = "search"

// KindWords are what entries are about.
var KindWords = domain.NewEnum("JournalThing",
	domain.W("ticket", "工单", "ticket"), domain.W("intake-case", "受理件", "case"), domain.W("home-call", "上门代办", "home call"), domain.W("rectification", "差评整改", "rectification"),
	domain.W("household", "住户", "household"), domain.W(Search, "查找个人", "search for a person"), domain.W("visit", "走访", "visit"), domain.W("stop", "敲门", "stop"), domain.W("promise", "承诺", "promise"),
	domain.W("visit-plan", "走访计划", "visit plan"), domain.W("form", "走访表", "form"), domain.W("work", "其他工作", "other work"),
	domain.W("cell", "网格", "cell"), domain.W("redraw", "重划", "redraw"), domain.W("area", "区划", "area"), domain.W("organisation", "处置单位", "organisation"), domain.W("address-list", "标准地址", "addresses"),
	domain.W("station", "服务站", "station"), domain.W("posting", "任职", "posting"), domain.W("deployment-baseline", "改革前编制", "staff of before"), domain.W("qualification", "资格", "qualification"), domain.W("qualification-kind", "资格种类", "kind of qualification"), domain.W("training-batch", "培训", "training"), domain.W("service-item", "事项", "service item"),
	domain.W("account", "账号", "account"), domain.W("cover", "顶岗", "cover"), domain.W("duty", "值班表", "duty roster"), domain.W("policy", "政策", "policy"), domain.W("holidays", "节假日", "holidays"),
	domain.W("cell-notice", "网格通知", "notice to a cell"), domain.W("intake-system", "受理平台", "platform of cases"), domain.W("webhook", "推送目标", "webhook"), domain.W("robot", "群机器人", "robot"))

// Enums of this package.
var Enums = []domain.Enum{KindWords}

// reveals is where reveals and searches lie: what was looked at has an entry of its own for each, which is the one that is shown.
const reveals = "householdReveals"

// kinds are the collections whose entries are shown.
var kinds = map[string]Kind{
	"tickets": "ticket", "intakeCases": "intake-case", "homeCalls": "home-call", "rectifications": "rectification", "households": "household", reveals: Search,
	"visits": "visit", "stops": "stop", "promises": "promise", "visitPlans": "visit-plan", "forms": "form", "works": "work",
	"cells": "cell", "redraws": "redraw", "areas": "area", "organisations": "organisation", "addressLists": "address-list",
	"stations": "station", "postings": "posting", "deploymentBaselines": "deployment-baseline", "qualifications": "qualification", "qualificationKinds": "qualification-kind", "trainingBatches": "training-batch", "serviceItems": "service-item",
	"accounts": "account", "covers": "cover", "dutyRosters": "duty", "policyVersions": "policy", drafts: "policy", "holidays": "holidays", "cellNotices": "cell-notice",
	"intakeSystems": "intake-system", "webhookTargets": "webhook", "robots": "robot",
}

// bookkeeping are the collections whose entries only repeat, or prepare, what another's says.
var bookkeeping = []string{
	"comments", "links", // of a ticket, and of what is linked
	"boundaries", "coverage", // of a redraw
	"policyHeads", "visitPolicies", "tagDefinitions", // of a policy, and what was before it
	"todoAskings",    // of what somebody has to do
	"stays",          // of a household
	"wechatBindings", // of a sign-in
}

// drafts are shown under the kind of what they are drafts of.
const drafts = "policyDrafts"

// collectionOf is where the things of a kind lie; "" for a kind that there is not.
func collectionOf(kind Kind) string {
	for name, of := range kinds {
		if of == kind && name != drafts {
			return name
		}
	}
	return ""
}
