package domain

import "testing"

func TestEnum(t *testing.T) {
	e := NewEnum("Level", W("low", "低", "low"), W("medium", "中", "medium"), W("high", "高", "high"))
	if got, want := e.Fault(), T("应为 low、medium 或 high", "must be low, medium or high"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := NewEnum("One", W("a", "甲", "A")).Fault(), T("应为 a", "must be a"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !e.Has("medium") || e.Has("") || e.Has("中") || len(CodesOf[string](e)) != 3 {
		t.Errorf("codes %v", CodesOf[string](e))
	}
}
