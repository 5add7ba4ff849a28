package once

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"wangge/domain/personal"
)

// sentForm begins what Sent returns, and tells it from what earlier programs stored.
const sentForm = "1."

// Sent is a blind index of everything that was sent as a value: what is made of
// it keeps it, and is so told from something else under the same id. A field
// tagged `once:"-"` is left out, and so is an empty one: what is sent without a
// field is the same as before there was that field.
func Sent(keys *personal.Keys, kind string, v any) string {
	return sentForm + keys.Index(kind, text(v))
}

// Same reports whether what is sent now is what a thing remembers. What an
// earlier program stored cannot be told from it and counts as the same: the
// caller makes sure of who sent it.
func Same(remembered, sent string) bool {
	return remembered == sent || remembered != "" && !strings.HasPrefix(remembered, sentForm)
}

// Alike reports whether two values say the same, as Sent tells it.
func Alike(a, b any) bool { return text(a) == text(b) }

func text(v any) string {
	var out strings.Builder
	write(&out, reflect.ValueOf(v))
	return out.String()
}

// write writes a value so that no other is written alike.
func write(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			fmt.Fprint(b, at.UnixNano())
			return
		}
		b.WriteByte('{')
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				panic("once: " + v.Type().String() + " has the field " + f.Name + ", which nobody else can read")
			}
			x := v.Field(i)
			many := x.Kind() == reflect.Slice || x.Kind() == reflect.Map
			if f.Tag.Get("once") != "-" && !x.IsZero() && (!many || x.Len() > 0) {
				b.WriteString(f.Name + ":")
				write(b, x)
			}
		}
		b.WriteByte('}')
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteByte('-')
			return
		}
		write(b, v.Elem())
	case reflect.Slice, reflect.Array:
		b.WriteByte('[')
		for _, x := range v.Seq2() {
			write(b, x)
		}
		b.WriteByte(']')
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
		b.WriteByte('{')
		for _, k := range keys {
			write(b, k)
			write(b, v.MapIndex(k))
		}
		b.WriteByte('}')
	case reflect.String:
		fmt.Fprintf(b, "%q ", v.String())
	default:
		fmt.Fprintf(b, "%v ", v)
	}
}
