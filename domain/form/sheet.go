package form

import (
	"slices"
	"strconv"
	"strings"

	"wangge/domain"
)

// Sheet is several forms asked at once: what they share is asked once.
type Sheet struct {
	Questions []Question // by key
	forms     []*Form
	schemas   []*Schema
	keys      []map[string]string // of each form: the key of a question
}

// Question of a sheet.
type Question struct {
	Key     string   // what the answer is given under
	Forms   []string // ids of the versions that ask it
	Schema  string   // JSON text, with the $defs it refers to
	Options []Option // of a choice
}

// Merge puts forms on one sheet. A question that two forms ask in the same
// words has its name as the key; where a later form means something else by
// the name, its key is "<code>.<number>.<name>".
func Merge(forms []*Form) (*Sheet, error) {
	sheet := &Sheet{}
	asked := map[string]int{} // places in Questions, by key
	for _, f := range forms {
		if slices.ContainsFunc(sheet.forms, func(o *Form) bool { return o.ID == f.ID }) {
			continue
		}
		schema, err := readAgain(f.Schema)
		if err != nil {
			return nil, err
		}
		keys, options := map[string]string{}, schema.options()
		for _, name := range sorted(schema.questions) {
			q := Question{Key: name, Forms: []string{f.ID}, Schema: schema.question(name), Options: options[name]}
			if i, ok := asked[name]; ok && sheet.Questions[i].Schema == q.Schema {
				sheet.Questions[i].Forms = append(sheet.Questions[i].Forms, f.ID)
			} else {
				if ok {
					q.Key = f.Code + "." + strconv.Itoa(f.Number) + "." + name
				}
				asked[q.Key] = len(sheet.Questions)
				sheet.Questions = append(sheet.Questions, q)
			}
			keys[name] = q.Key
		}
		sheet.forms, sheet.schemas, sheet.keys = append(sheet.forms, f), append(sheet.schemas, schema), append(sheet.keys, keys)
	}
	slices.SortFunc(sheet.Questions, func(a, b Question) int { return strings.Compare(a.Key, b.Key) })
	return sheet, nil
}

// question is the schema of one, with what it may refer to if it does.
func (s *Schema) question(name string) string {
	out := canonical(s.questions[name])
	q, object := s.questions[name].(map[string]any)
	if !object || s.defs == nil || !strings.Contains(out, `"$ref"`) {
		return out
	}
	whole := map[string]any{"$defs": s.defs}
	for k, v := range q {
		whole[k] = v
	}
	return canonical(whole)
}

// Check returns the answers of each form by the id of its version, under the
// names of its own questions. InvalidError with pointers below /answers, also
// for what nobody asked.
func (s *Sheet) Check(answers Answers) (map[string]Answers, error) {
	bad := &domain.InvalidError{}
	for _, key := range sorted(answers) {
		if !slices.ContainsFunc(s.Questions, func(q Question) bool { return q.Key == key }) {
			bad.Add("/answers/"+escape(key), domain.T("表单中没有此问题", "no form asks this"))
		}
	}
	out := map[string]Answers{}
	for i, f := range s.forms {
		own := Answers{}
		for name, key := range s.keys[i] {
			if v, ok := answers[key]; ok {
				own[name] = v
			}
		}
		faults, err := s.schemas[i].check(own)
		if err != nil {
			return nil, err
		}
		for _, fault := range faults {
			name, rest, _ := strings.Cut(strings.TrimPrefix(fault.Pointer, "/"), "/")
			if key := s.keys[i][name]; key != "" {
				name = key
			}
			at := "/answers"
			if name != "" {
				at += "/" + escape(name)
			}
			if rest != "" {
				at += "/" + rest
			}
			said := domain.FieldError{Pointer: at, Detail: fault.Detail}
			if !slices.Contains(bad.Fields, said) && len(bad.Fields) < faultsMost {
				bad.Fields = append(bad.Fields, said)
			}
		}
		out[f.ID] = own
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// Offer puts earlier answers, by the code of the form, under the keys of this
// sheet; answers to questions that are asked differently now are left out.
func (s *Sheet) Offer(earlier map[string]Answers) Answers {
	out := Answers{}
	for i, f := range s.forms {
		for name, v := range earlier[f.Code] {
			key, asked := s.keys[i][name]
			if !asked {
				continue
			}
			if faults, err := s.schemas[i].check(Answers{name: v}); err == nil && !slices.ContainsFunc(faults, func(fault domain.FieldError) bool {
				return strings.HasPrefix(fault.Pointer+"/", "/"+name+"/")
			}) {
				out[key] = v
			}
		}
	}
	return out
}
