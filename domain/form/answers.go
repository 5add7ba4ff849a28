package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/pb33f/jsonschema/v6"
	"github.com/pb33f/jsonschema/v6/kind"

	"wangge/domain"
)

// Answers are by the name of the question; values as JSON has them, numbers as json.Number.
type Answers map[string]any

// Bounds of answers.
const (
	answersLongest = 32 << 10 // bytes
	valuesMost     = 2_000
	valueDepth     = 50
	numberLongest  = 30 // bytes, and exponents of three digits at most
	faultsMost     = 20
)

var errTooMuch = errors.New("form: more than answers hold")

// ReadAnswers takes a JSON object; "" is no answers. InvalidError at /answers.
func ReadAnswers(text string) (Answers, error) {
	if text == "" {
		return Answers{}, nil
	}
	tooMuch := domain.Invalid("/answers", domain.T("答案过多或过长", "too many or too long"))
	if len(text) > answersLongest {
		return nil, tooMuch
	}
	doc, err := decode(text, valuesMost)
	if errors.Is(err, errTooMuch) {
		return nil, tooMuch
	}
	answers, ok := doc.(map[string]any)
	if err != nil || !ok {
		return nil, domain.Invalid("/answers", domain.T("应为对象", "must be an object"))
	}
	return answers, nil
}

// Text is the answers as JSON, always the same for the same answers.
func (a Answers) Text() string { return canonical(map[string]any(a)) }

func canonical(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("form: what was decoded does not encode: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// decode reads one JSON value of at most so many values, whose numbers are no burden.
func decode(text string, values int) (any, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return doc, bounded(doc, &values, 0)
}

// bounded refuses numbers that would take long to compare and values too many or nested too deeply.
func bounded(v any, left *int, depth int) error {
	*left--
	if *left < 0 || depth > valueDepth {
		return errTooMuch
	}
	switch v := v.(type) {
	case json.Number:
		_, exponent, _ := strings.Cut(strings.ToLower(v.String()), "e")
		if len(v) > numberLongest || len(strings.TrimLeft(exponent, "+-")) > 3 {
			return errTooMuch
		}
	case []any:
		for _, sub := range v {
			if err := bounded(sub, left, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, sub := range v {
			if err := bounded(sub, left, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// check returns what is wrong with the answers to a form's own questions, with
// pointers into them.
func (s *Schema) check(own Answers) ([]domain.FieldError, error) {
	var found *jsonschema.ValidationError
	if err := s.compiled.Validate(map[string]any(own)); err == nil {
		return nil, nil
	} else if !errors.As(err, &found) {
		return nil, err
	}
	var out []domain.FieldError
	eachFault(found, func(f *jsonschema.ValidationError) {
		at := pointer(f.InstanceLocation)
		missing := func(names []string) {
			for _, name := range names {
				out = append(out, domain.FieldError{Pointer: at + "/" + escape(name), Detail: domain.T("请回答", "an answer is required")})
			}
		}
		switch k := f.ErrorKind.(type) {
		case *kind.Required:
			missing(k.Missing)
		case *kind.DependentRequired:
			missing(k.Missing)
		default:
			out = append(out, domain.FieldError{Pointer: at, Detail: said(k)})
		}
	})
	return out, nil
}

// said is what is wrong, without the answer.
func said(k jsonschema.ErrorKind) domain.Text {
	switch k.(type) {
	case *kind.Type:
		return domain.T("答案类型不符", "an answer of another type is expected")
	case *kind.Enum, *kind.Const:
		return domain.T("不在选项之中", "not one of the options")
	case *kind.MinLength, *kind.MaxLength, *kind.MinItems, *kind.MaxItems:
		return domain.T("答案过短或过长", "too short or too long")
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum, *kind.MultipleOf:
		return domain.T("数值超出范围", "out of range")
	case *kind.Pattern, *kind.Format:
		return domain.T("格式不符", "not of the form asked for")
	}
	return domain.T("与表单要求不符", "does not fit the form")
}

// eachFault visits what is wrong, without the groups around it.
func eachFault(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
	}
	for _, cause := range e.Causes {
		eachFault(cause, visit)
	}
}

func pointer(path []string) string {
	var b strings.Builder
	for _, part := range path {
		b.WriteString("/" + escape(part))
	}
	return b.String()
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

func escape(part string) string { return escaper.Replace(part) }

// ReadStored reads answers that Text wrote, of several forms together: they
// were checked when they came in.
func ReadStored(text string) (Answers, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	answers, ok := doc.(map[string]any)
	if !ok {
		return nil, errors.New("form: stored answers are no object")
	}
	return answers, nil
}
