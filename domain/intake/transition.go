package intake

// Action is a step people take with a case of ours.
type Action string

const (
	Accept      Action = "accept"       // 受理
	NotAccept   Action = "not_accept"   // 不予受理
	Review      Action = "review"       // 审核
	AskMaterial Action = "ask_material" // 补正
	Resume      Action = "resume"       // 补齐
	Finish      Action = "finish"       // 办结
	Refuse      Action = "refuse"       // 不予办理
	Withdraw    Action = "withdraw"     // 撤回
	Collect     Action = "collect"      // 领取
)

// Need is something the input of an action must bring.
type Need int

const (
	NeedReason  Need = 1 << iota
	NeedMissing      // everything that is wanting, at once
)

// Transition is one row of the lifecycle.
type Transition struct {
	Action Action
	From   []State
	To     State
	Needs  Need
}

// Transitions is the lifecycle of a case opened by hand; a platform's case
// changes its state by what the platform says alone. Opening has no row.
var Transitions = []Transition{
	{Accept, []State{Received}, Accepted, 0},
	{NotAccept, []State{Received}, NotAccepted, NeedReason | NeedMissing},
	{Review, []State{Accepted}, InReview, 0},
	{AskMaterial, []State{Accepted, InReview}, NeedsMaterial, NeedMissing},
	{Resume, []State{NeedsMaterial}, InReview, 0},
	{Finish, []State{Accepted, InReview}, Done, 0},
	{Refuse, []State{Accepted, InReview, NeedsMaterial}, Refused, NeedReason},
	{Withdraw, []State{Received, Accepted, InReview, NeedsMaterial}, Withdrawn, 0},
	{Collect, []State{Done, Refused, Withdrawn}, Collected, 0},
}
