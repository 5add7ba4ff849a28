package account

import "wangge/domain"

// LanguageWords are the languages of texts; the first is the default.
var LanguageWords = domain.NewEnum("Language", domain.W("zh-CN", "简体中文", "Chinese"), domain.W("en", "英文", "English"))
