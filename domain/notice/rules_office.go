package notice

// officeRules are of who works where, and by which rules.
var officeRules = map[string]telling{
	"station.hole":          nobody(askedByTodo),
	"station.hole_closed":   nobody("nothing is asked any more"),
	"station.create":        nobody(settings),
	"station.update":        nobody(settings),
	"station.staff":         nobody("the station's people see its shifts"),
	"station.shifts":        nobody("the station's people see its shifts"),
	"station.absence":       nobody("a hole that it leaves is told by todo"),
	"station.absence_ended": nobody("the station's people see its shifts"),

	"qualification.near-end":    nobody(askedByTodo),
	"qualification.give":        nobody("who was trained knows"),
	"qualification.expire":      nobody("told ahead, by todo"),
	"qualification.revoke":      nobody("said to the person; the hole that it leaves by todo"),
	"qualification.place":       nobody("bookkeeping of where they work"),
	"qualification-kind.define": nobody(settings),
	"training.make":             nobody("who was there knows"),
	"service-item.decide":       nobody(settings),

	"cell.add":             nobody("nobody staffs it yet"),
	"cell.change":          tell(CellRedrawn, toStaff, toManagers),
	"cell.redraw":          tell(CellRedrawn, toStaff, toManagers),
	"cell.retire":          tell(CellRedrawn, toStaff, toManagers),
	"cell.staff":           tell(CellStaff, toStaff),
	"cell_notice.send":     nobody("the residents are told household by household, by cellnotice"),
	"cell_notice.told":     nobody("it is in the list of who sent it"),
	"cell_notice.withdraw": nobody("it goes from the inboxes"),

	"boundary.add":   nobody(drawn),
	"coverage.stage": nobody(drawn),
	"coverage.flip":  nobody(drawn),
	"coverage.grow":  nobody(drawn),

	"redraw.boundary": nobody(drawn),
	"redraw.import":   nobody(drawn),
	"redraw.merge":    nobody(drawn),
	"redraw.retire":   nobody(drawn),
	"redraw.split":    nobody(drawn),
	"redraw.undo":     nobody(drawn),
	"redraw.undone":   nobody(drawn),

	"area.add":     nobody(settings),
	"area.end":     nobody(settings),
	"area.rename":  nobody(settings),
	"area.reopen":  nobody(settings),
	"area.succeed": nobody(settings),

	"organisation.create": nobody(settings),
	"organisation.update": nobody(settings),

	"account.create":       nobody(own),
	"account.register":     nobody(own),
	"account.update":       nobody(own),
	"account.password":     nobody(own),
	"account.phone_proved": nobody(own),
	"account.rehash":       nobody(own),
	"account.end_sessions": nobody(own),
	"account.disable":      nobody("a disabled account is told nothing"),
	"account.enable":       nobody(own),
	"wechat.bind":          nobody(own),
	"wechat.unbind":        nobody(own),
	"account.grants":       nobody("what somebody may do shows where they do it"),
	"account.grant":        nobody("what somebody may do shows where they do it"),
	"account.revoke":       nobody("what somebody may do shows where they do it"),

	"cover.create": tell(StandingIn, toStandIn),
	"cover.update": tell(StandingIn, toStandIn),
	"cover.end":    tell(StandingIn, toStandIn),
	"duty.set":     tell(OnDuty, toOnDuty),

	"posting.create": nobody("the community's roster is looked up"),
	"posting.update": nobody("the community's roster is looked up"),
	"posting.remove": nobody("the community's roster is looked up"),

	"deployment.baseline": nobody("in the figures"),

	"policy.begin":         nobody(settings),
	"policy.carry_over":    nobody(settings),
	"policy.head":          nobody(settings),
	"policy.draft":         nobody(settings),
	"policy.drop_draft":    nobody(settings),
	"policy.publish":       nobody(settings),
	"policy.publish_draft": nobody(settings),
	"policy.amend":         nobody(settings),
	"calendar.begin":       nobody(settings),
	"calendar.year":        nobody(settings),
	"address.import":       nobody(settings),

	"webhook.disable":    tell(WebhookDead, toAdmins), // by the program, since the address is gone
	"webhook.dead":       tell(WebhookDead, toAdmins), // the first dead letter; those that join it are found with it
	"webhook.create":     nobody(settings),
	"webhook.change":     nobody(settings),
	"webhook.delete":     nobody(settings),
	"webhook.rotate":     nobody(settings),
	"webhook.end_secret": nobody(settings),
	"webhook.ping":       nobody(settings),
	"webhook.replay":     nobody(settings),
	"webhook.skip":       nobody(settings),
	"robot.refused":      tell(RobotFails, toKeepers),
	"robot.create":       nobody(settings),
	"robot.change":       nobody(settings),
	"robot.delete":       nobody(settings),
}

const (
	settings = "who sets things up sees what they did"
	drawn    = "the entries of its cells tell it"
	own      = "the person's own, or said to them with it"
)
