package clocks

import "wangge/domain"

// Kind is what a clock is kept for.
type Kind string

const (
	Accept   Kind = "accept"   // 立案: until it is accepted or rejected
	Dispatch Kind = "dispatch" // 派遣
	Handle   Kind = "handle"   // 处置
	Verify   Kind = "verify"   // 核查结案, charged to who verifies
	Promise  Kind = "promise"  // 承诺: what the reporter was told
	Imposed  Kind = "imposed"  // 来源要求: the date that a source set
)

// KindWords are all of them.
var KindWords = domain.NewEnum("ClockKind", domain.W(Accept, "立案时限", "acceptance"), domain.W(Dispatch, "派遣时限", "dispatch"), domain.W(Handle, "处置时限", "handling"),
	domain.W(Verify, "核查时限", "verification"), domain.W(Promise, "对反映人的承诺", "the promise to the reporter"), domain.W(Imposed, "来源要求的时限", "the source's deadline"))

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords }

// End says how a clock ended.
type End string

const (
	Met       End = "met"       // what it measures was done
	HandedOn  End = "handed_on" // 转派: another has it to do; in no rate
	Split     End = "split"     // 拆单: those that it was split into have it to do
	Shelved   End = "shelved"   // 挂账: it could not be done
	Closed    End = "closed"    // what it was kept for was over without it
	Rejected  End = "rejected"
	Withdrawn End = "withdrawn"
	Merged    End = "merged"
)

// EndWords are all of them.
var EndWords = domain.NewEnum("ClockEnd", domain.W(Met, "已完成", "done"), domain.W(HandedOn, "已转派", "handed on"), domain.W(Split, "已拆单", "split"), domain.W(Shelved, "挂账", "shelved"), domain.W(Closed, "已结案", "closed"),
	domain.W(Rejected, "不予立案", "rejected"), domain.W(Withdrawn, "已撤回", "withdrawn"), domain.W(Merged, "已并案", "merged"))

// Enum makes an end a word of the contract.
func (End) Enum() domain.Enum { return EndWords }
