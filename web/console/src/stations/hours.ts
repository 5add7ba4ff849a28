import type { T } from '../i18n'

type Weekly = { days: number[]; spans: { from: string; until: string }[] }[]

const zh = ['一', '二', '三', '四', '五', '六', '日']
const en = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** hoursText says opening hours by the week, days that follow one another as a range. */
export function hoursText(weekly: Weekly, t: T): string[] {
  return weekly.map(({ days, spans }) => {
    const sorted = [...days].sort((a, b) => a - b)
    const runs: [number, number][] = []
    for (const d of sorted) {
      const last = runs.at(-1)
      if (last && last[1] === d - 1) last[1] = d
      else runs.push([d, d])
    }
    const name = (d: number) => t(`周${zh[d - 1]}`, en[d - 1]!)
    const when = sorted.length === 7 ? t('每天', 'Daily') : runs.map(([a, b]) => (a === b ? name(a) : t(`${name(a)}至${name(b)}`, `${name(a)}–${name(b)}`))).join(t('、', ', '))
    return `${when} ${spans.map((s) => `${s.from}–${s.until}`).join(t('、', ', '))}`
  })
}
