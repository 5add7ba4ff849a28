package access

// robotManagers say which robots write into the groups of their areas.
var robotManagers = []Role{StreetManager, Admin}

// HasRobots: those who manage robots anywhere.
func HasRobots(a Actor) bool { return !a.System && a.Is(robotManagers...) }

// ManagesRobots: makes, changes and ends the robots of a street or of a community of it.
func ManagesRobots(a Actor, p Place) bool { return !a.System && a.In(p, robotManagers...) }

// RobotScopes are the areas whose robots the actor manages.
func RobotScopes(a Actor) []Scope { return a.Scopes(robotManagers...) }
