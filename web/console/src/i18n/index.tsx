import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'

export type Language = 'zh-CN' | 'en'

/** T picks a text by the language in use: Chinese first, English second, both beside each other where they are used. */
export type T = (zh: string, en: string) => string

const key = 'wangge.language'
let current: Language = stored()

function stored(): Language {
  const kept = localStorage.getItem(key)
  return kept === 'en' || kept === 'zh-CN' ? kept : 'zh-CN'
}

/** language is the one in use, for what asks the server. */
export const language = () => current

const Context = createContext<{ lang: Language; setLang: (l: Language) => void; t: T }>(null!)

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [lang, set] = useState(current)
  useEffect(() => {
    document.documentElement.lang = lang
  }, [lang])
  const value = useMemo(
    () => ({
      lang,
      setLang: (l: Language) => {
        current = l
        localStorage.setItem(key, l)
        set(l)
      },
      t: ((zh, en) => (lang === 'en' ? en : zh)) as T,
    }),
    [lang],
  )
  return <Context value={value}>{children}</Context>
}

export const useLanguage = () => useContext(Context)
export const useT = () => useContext(Context).t
