package service

import (
	"context"
	_ "embed"
	"strings"
	"sync"

	"wangge/domain"
	"wangge/domain/table"
)

// starterItems are what the counters of a community in Suzhou take, by field.
//
//go:embed starter.csv
var starterItems string

// starter is what holds where nobody has decided anything.
var starter = sync.OnceValues(func() ([]*Item, []*Kind) {
	var known []*Kind
	for _, w := range []domain.Word{
		domain.W("general_practice", "全科社工", "general practice"), domain.W("civil_affairs", "民政业务", "civil affairs"),
		domain.W("social_insurance", "社保医保业务", "social insurance"), domain.W("family_planning", "计生业务", "family planning"),
		domain.W("disability_services", "残联业务", "disability services"), domain.W("employment", "劳动就业业务", "employment"),
	} {
		known = append(known, &Kind{Code: w.Code, Name: w.Text})
	}
	rows, t, err := readItems(context.Background(), strings.NewReader(starterItems), table.Options{})
	if err != nil || len(t.Findings) > 0 {
		panic("service: what is built in cannot be read") // a test reads it
	}
	items := make([]*Item, len(rows))
	for i, r := range rows {
		items[i] = following(nil, r.code, "", r.content)
	}
	return items, known
})
