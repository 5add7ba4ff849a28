import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { figureOf, type FigureId } from './figures'

/** View is what the map shows. All of it lies in the address, so that it can be shared and Back works. */
export type View = {
  /** Where the map looks; absent until somebody has moved it. */
  at?: { zoom: number; lat: number; lon: number }
  figure: FigureId
  breaks: 'quantile' | 'fixed'
  tickets: 'points' | 'heat' | 'off'
  states: string[]
  categories: string[]
  overdue: boolean
  /** Whether the base map of somebody else lies below, where one is configured. */
  base: boolean
  cell?: string
  ticket?: string
  /** The day whose boundaries are shown; absent: those of now. */
  day?: string
}

const list = (v: string | null) => (v ? v.split(',').filter(Boolean) : [])

export function parse(search: string): View {
  const q = new URLSearchParams(search)
  const m = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(q.get('m') ?? '')
  const [zoom, lat, lon] = (m ?? []).slice(1).map(Number) as [number, number, number]
  const tickets = q.get('tickets')
  return {
    at: m && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? { zoom, lat, lon } : undefined,
    figure: figureOf(q.get('figure')).id,
    breaks: q.get('breaks') === 'fixed' ? 'fixed' : 'quantile',
    tickets: tickets === 'heat' || tickets === 'off' ? tickets : 'points',
    states: list(q.get('state')),
    categories: list(q.get('category')),
    overdue: q.get('overdue') === 'true',
    base: q.get('base') !== 'off',
    cell: q.get('cell') ?? undefined,
    ticket: q.get('ticket') ?? undefined,
    day: /^\d{4}-\d{2}-\d{2}$/.test(q.get('day') ?? '') ? q.get('day')! : undefined,
  }
}

export function format(v: View): string {
  const q: string[] = []
  const put = (name: string, value: string | undefined | false) => value && q.push(`${name}=${encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%2F', '/')}`)
  put('m', v.at && `${v.at.zoom.toFixed(2)}/${v.at.lat.toFixed(5)}/${v.at.lon.toFixed(5)}`)
  put('figure', v.figure !== 'open' && v.figure)
  put('breaks', v.breaks !== 'quantile' && v.breaks)
  put('tickets', v.tickets !== 'points' && v.tickets)
  put('state', v.states.join(','))
  put('category', v.categories.join(','))
  put('overdue', v.overdue && 'true')
  put('base', !v.base && 'off')
  put('cell', v.cell)
  put('ticket', v.ticket)
  put('day', v.day)
  return q.length ? `?${q.join('&')}` : ''
}

/** ticketQuery is what the tickets' tiles are asked for by the filters. */
export function ticketQuery(v: View): string {
  const q = [v.states.length && `state=${v.states}`, v.categories.length && `category=${v.categories}`, v.overdue && 'overdue=true'].filter(Boolean)
  return q.length ? `?${q.join('&')}` : ''
}

/** useView is the view of the address and how to change it: with `replace` no step of Back is made of it. */
export function useView() {
  const search = useSearch()
  const [, go] = useLocation()
  const view = useMemo(() => parse(search), [search])
  const change = useCallback(
    (patch: Partial<View>, replace = false) => {
      const now = parse(location.search) // of this moment: the map's own moves come between two renderings
      const next = format({ ...now, ...patch })
      if (next !== format(now)) go(`/map${next}`, { replace })
    },
    [go],
  )
  return [view, change] as const
}
