import type { T } from '../i18n'

/** Levels of the map, the coarsest first, each shown from its zoom on to the next one's. */
export const levels = [
  { id: 'counties', from: 0 },
  { id: 'streets', from: 9 },
  { id: 'communities', from: 11.3 },
  { id: 'cells', from: 13 },
] as const
export type LevelId = (typeof levels)[number]['id']

export const levelName = (t: T, id: LevelId) =>
  ({ counties: t('区县', 'Counties'), streets: t('街道', 'Streets'), communities: t('社区', 'Communities'), cells: t('网格', 'Cells') })[id]

export type FigureId = 'open' | 'overdue' | 'recent' | 'visitsDue' | 'visitsOverdue' | 'alerts' | 'openPer1000' | 'recentPer1000' | 'households'

type Figure = {
  id: FigureId
  ramp: 'warm' | 'cool' | 'plum'
  /** Lower ends of the classes above nothing, of cells; those of greater areas are multiples of them. */
  fixed: number[]
  /** A ratio means the same at every level, and has decimals. */
  ratio?: boolean
}

export const figures: Figure[] = [
  { id: 'open', ramp: 'warm', fixed: [1, 3, 6, 10, 20] },
  { id: 'overdue', ramp: 'warm', fixed: [1, 2, 4, 7, 12] },
  { id: 'recent', ramp: 'warm', fixed: [1, 5, 10, 20, 40] },
  { id: 'openPer1000', ramp: 'warm', fixed: [0.1, 5, 10, 20, 40], ratio: true },
  { id: 'recentPer1000', ramp: 'warm', fixed: [0.1, 10, 20, 40, 80], ratio: true },
  { id: 'visitsDue', ramp: 'cool', fixed: [1, 5, 10, 20, 40] },
  { id: 'visitsOverdue', ramp: 'cool', fixed: [1, 3, 6, 12, 24] },
  { id: 'alerts', ramp: 'plum', fixed: [1, 2, 3, 5, 8] },
  { id: 'households', ramp: 'cool', fixed: [1, 100, 200, 400, 800] },
]

export const figureOf = (id: string | null) => figures.find((f) => f.id === id) ?? figures[0]!

export const figureName = (t: T, id: FigureId) =>
  ({
    open: t('在办工单', 'Open tickets'),
    overdue: t('超期工单', 'Overdue tickets'),
    recent: t('近 30 天上报', 'Reported in 30 days'),
    openPer1000: t('在办 · 每千户', 'Open per 1,000 households'),
    recentPer1000: t('近 30 天上报 · 每千户', 'Reported in 30 days per 1,000 households'),
    visitsDue: t('待走访', 'Visits due'),
    visitsOverdue: t('逾期未走访', 'Visits overdue'),
    alerts: t('关爱预警', 'Welfare alerts'),
    households: t('户数', 'Households'),
  })[id]

const times: Record<LevelId, number> = { cells: 1, communities: 5, streets: 25, counties: 150 }

/** fixedSteps are the same wherever the map looks, so that two views can be compared. */
export function fixedSteps(id: FigureId, level: LevelId): number[] {
  const f = figureOf(id)
  return f.ratio ? f.fixed : f.fixed.map((n, i) => (i === 0 ? n : n * times[level]))
}

/** quantileSteps has about as many of the areas in view in each class; nothing at all is a class of its own. */
export function quantileSteps(id: FigureId, values: number[]): number[] {
  const some = values.filter((v) => v > 0).sort((a, b) => a - b)
  const least = figureOf(id).fixed[0]!
  const parted = (of: number[]) => [1, 2, 3, 4].map((i) => of[Math.floor((i * of.length) / 5)] ?? 0).filter((v, i, all) => v > (all[i - 1] ?? least))
  const steps = parted(some)
  // Where most areas have the same figure, as where most have one, the classes are those of the figures there are.
  return [least, ...(steps.length >= 3 ? steps : parted([...new Set(some)]))]
}

/** shades picks as many colours of a ramp as there are classes, its ends always among them. */
export function shades(ramp: string[], classes: number): string[] {
  if (classes <= 1) return [ramp[2]!]
  return Array.from({ length: classes }, (_, i) => ramp[Math.round((i * (ramp.length - 1)) / (classes - 1))]!)
}

/** classNames says what each class holds, as the legend has it. */
export function classNames(id: FigureId, steps: number[], number: (n: number) => string): string[] {
  const whole = !figureOf(id).ratio
  return steps.map((from, i) => {
    const next = steps[i + 1]
    if (next === undefined) return `≥ ${number(from)}`
    if (!whole) return i === 0 ? `< ${number(next)}` : `${number(from)} – ${number(next)}`
    return next - from <= 1 ? number(from) : `${number(from)} – ${number(next - 1)}`
  })
}
