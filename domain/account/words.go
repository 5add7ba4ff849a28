package account

import "wangge/domain"

// LanguageWords are the languages of texts; the first is the default.
var LanguageWords = domain.NewEnum("Language", domain.W("zh-CN", "简体中文", "Chinese"), domain.W("en", "英文", "English"))

// CoverReason is why somebody is away.
type CoverReason string

// CoverReasonWords are the reasons there are.
var CoverReasonWords = domain.NewEnum("CoverReason",
	domain.W("leave", "休假", "leave"), domain.W("sick", "病假", "sick leave"), domain.W("training", "培训", "training"),
	domain.W("secondment", "借调", "works elsewhere for a time"), domain.W("other", "其他", "other"))

// Enum makes a reason a word of the contract.
func (CoverReason) Enum() domain.Enum { return CoverReasonWords }

// Enums of this package.
var Enums = []domain.Enum{LanguageWords, CoverReasonWords}
