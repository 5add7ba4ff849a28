import type { Schemas } from '../api'

export type Visit = Schemas['Visit']

/** How a visit stands, to who looks at coverage. One that was cancelled is not asked of anybody. */
export const stands = ['met', 'unmet', 'open', 'overdue', 'missed', 'cancelled'] as const
export type Stand = (typeof stands)[number]

export function standOf(v: Visit): Stand {
  if (v.state === 'completed') return v.covered ? 'met' : 'unmet'
  if (v.state === 'missed' || v.state === 'cancelled') return v.state
  return v.overdue ? 'overdue' : 'open'
}

export type Tally = Record<Stand, number> & { due: number }

export function tally(visits: Visit[]): Tally {
  const out: Tally = { met: 0, unmet: 0, open: 0, overdue: 0, missed: 0, cancelled: 0, due: 0 }
  for (const v of visits) {
    const s = standOf(v)
    out[s]++
    if (s !== 'cancelled') out.due++
  }
  return out
}

const hours8 = 8 * 3_600_000 // China has one time the year round

/** dayOf is the day in China of a time: 2026-11-29. */
export const dayOf = (at: string | number) => new Date(new Date(at).getTime() + hours8).toISOString().slice(0, 10)
/** startOf is when a day begins in China. */
export const startOf = (day: string) => `${day}T00:00:00+08:00`
export const today = () => dayOf(Date.now())

/** addDays goes some days on or back. */
export const addDays = (day: string, n: number) => new Date(Date.parse(day) + n * 86_400_000).toISOString().slice(0, 10)

/** addMonths goes some months on or back: 2026-11 and 2 are 2027-01. */
export function addMonths(month: string, n: number) {
  const [y, m] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(y, m - 1 + n, 1)).toISOString().slice(0, 7)
}

/** weekdayOf counts from Monday, 0. */
export const weekdayOf = (day: string) => (new Date(day).getUTCDay() + 6) % 7

/** weeksOf are the days of a month, week by week from Monday; what belongs to another month is empty. */
export function weeksOf(month: string): (string | null)[][] {
  const first = month + '-01'
  const last = addDays(addMonths(month, 1) + '-01', -1)
  const weeks: (string | null)[][] = []
  for (let day = addDays(first, -weekdayOf(first)); day <= last; day = addDays(day, 7))
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(day, i)).map((d) => (d.startsWith(month) ? d : null)))
  return weeks
}

export const isMonth = (s: string) => /^\d{4}-(0[1-9]|1[0-2])$/.test(s)
export const isDay = (s: string) => /^\d{4}-\d{2}-\d{2}$/.test(s) && !Number.isNaN(Date.parse(s))
