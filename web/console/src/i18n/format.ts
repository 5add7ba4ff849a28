import { useMemo } from 'react'
import { useLanguage, type Language } from '.'

const zone = 'Asia/Shanghai' // what streets reckon in, wherever the reader is

/** formats writes numbers and times as the language does, in the time of Suzhou. */
export function formats(lang: Language) {
  const date = new Intl.DateTimeFormat(lang, { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const time = new Intl.DateTimeFormat(lang, { timeZone: zone, month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
  const full = new Intl.DateTimeFormat(lang, { timeZone: zone, dateStyle: 'medium', timeStyle: 'medium', hour12: false })
  const number = new Intl.NumberFormat(lang)
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })
  const unit = (n: number, unit: 'day' | 'hour' | 'minute') => new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(n)
  const of = (v: string | number | Date) => new Date(v)
  return {
    date: (v: string | number | Date) => date.format(of(v)),
    time: (v: string | number | Date) => time.format(of(v)),
    full: (v: string | number | Date) => full.format(of(v)),
    number: (v: number) => number.format(v),
    /** span is how long some seconds are, in the two largest units of days, hours and minutes. */
    span: (seconds: number) => {
      const s = Math.abs(seconds)
      const [d, h, m] = [Math.floor(s / 86400), Math.floor((s % 86400) / 3600), Math.floor((s % 3600) / 60)]
      const parts = d ? [unit(d, 'day'), h && d < 4 ? unit(h, 'hour') : ''] : h ? [unit(h, 'hour'), m && h < 4 ? unit(m, 'minute') : ''] : [unit(m, 'minute')]
      return parts.filter(Boolean).join(lang === 'en' ? ' ' : '')
    },
    /** ago is how long before or after now it is, in its largest whole unit. */
    ago: (v: string | number | Date, now = Date.now()) => {
      const s = (of(v).getTime() - now) / 1000
      const [unit, size] = ([['day', 86400], ['hour', 3600], ['minute', 60]] as const).find(([, n]) => Math.abs(s) >= n) ?? ['minute', 60]
      return relative.format(Math.trunc(s / size), unit)
    },
  }
}

export function useFormats() {
  const { lang } = useLanguage()
  return useMemo(() => formats(lang), [lang])
}
