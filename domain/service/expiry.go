package service

import "wangge/domain/todo"

// Expiring asks the holder to renew a qualification.
var Expiring = todo.Declare("qualification_expiring", "岗位资格即将到期，请参加复训", "A qualification of yours runs out soon: take part in a training")
