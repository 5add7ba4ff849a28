package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	xlang "golang.org/x/text/language"

	"wangge/domain"
)

// Lang is the language of texts for people.
type Lang int

const (
	Chinese Lang = iota + 1
	English
)

var languages = xlang.NewMatcher([]xlang.Tag{xlang.SimplifiedChinese, xlang.English})

func language(header *fasthttp.RequestHeader) Lang {
	asked := string(header.Peek(fiber.HeaderAcceptLanguage))
	if asked == "" {
		return Chinese
	}
	if _, i := xlang.MatchStrings(languages, asked); i == 1 {
		return English
	}
	return Chinese
}

// Lang is the language that the caller asked for. Few answers need it, and reading it is work.
func (r *Request) Lang() Lang {
	if r.language == 0 {
		r.language = language(&r.c.Request.Header)
	}
	return r.language
}

func (l Lang) Text(t domain.Text) string {
	if l == English {
		return t.EN
	}
	return t.ZH
}

// Text is a text in the language that the caller asked for.
func (r *Request) Text(t domain.Text) string { return r.Lang().Text(t) }
