import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useMeta } from '../api/words'
import { useShade } from '../app/theme'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Failure, Skeleton, useNarrow } from '../ui'
import { Bar } from './Bar'
import { bendTiles } from './basemap'
import { Canvas, type Handle } from './Canvas'
import { CellPanel, useCell } from './CellPanel'
import { colours } from './colours'
import { figureName, fixedSteps, levels, quantileSteps, type LevelId } from './figures'
import { History } from './History'
import { Legend } from './Legend'
import { AreaList } from './AreaList'
import { type Scene } from './scene'
import { named, type Seen } from './seen'
import { Search } from './Search'
import { Side } from './Side'
import { TicketPeek } from './TicketPeek'
import { useTiles } from './tiles'
import { Zoom } from './Zoom'
import css from './map.module.css'
import { ticketQuery, useView } from './view'

const fixed = (figure: Scene['figure']) => Object.fromEntries(levels.map((l) => [l.id, fixedSteps(figure, l.id)])) as Scene['steps']

export default function MapPage() {
  const t = useT()
  const [view] = useView()
  const day = view.day ? `?at=${view.day}` : ''
  const cells = useTiles('cells', day)
  const now = useTiles('cells', '', !!day)
  const communities = useTiles('communities', '', !day)
  const streets = useTiles('streets', '', !day)
  const counties = useTiles('counties', '', !day)
  const tickets = useTiles('tickets', ticketQuery(view))
  const buildings = useTiles('buildings')
  const error = cells.error
  const waits = cells.isPending || communities.isLoading || streets.isLoading || counties.isLoading
  const areas = useMemo(() => {
    const all = { counties: counties.data, streets: streets.data, communities: communities.data, cells: cells.data }
    return Object.fromEntries(Object.entries(all).filter(([id, json]) => json && (!day || id === 'cells'))) as Scene['areas']
  }, [counties.data, streets.data, communities.data, cells.data, day])
  return (
    <div className={css.page}>
      <title>{`${t('地图', 'Map')} · ${t('网格管理', 'Wangge')}`}</title>
      <h1 className="sr">{t('网格地图', 'Map of the grid')}</h1>
      {error ? <Failure error={error} retry={() => void cells.refetch()} /> : waits || !cells.data ? <Skeleton lines={10} /> : (
        <Work areas={areas} tickets={tickets.data ?? undefined} buildings={buildings.data ?? undefined} now={(day && now.data) || undefined} />
      )}
    </div>
  )
}

function Work({ areas, tickets, buildings, now }: Pick<Scene, 'areas' | 'tickets' | 'buildings' | 'now'>) {
  const t = useT()
  const f = useFormats()
  const narrow = useNarrow()
  const shade = useShade()
  const [view, change] = useView()
  const [inView, setInView] = useState<{ level: LevelId; areas: Seen[] }>({ level: 'cells', areas: [] })
  const [pin, setPin] = useState<[number, number]>()
  const handle = useRef<Handle>(null)
  const base = useMeta()?.baseMap ?? undefined
  useMemo(() => base?.datum === 'gcj02' && bendTiles(base), [base])
  const centre = areas.cells?.center
  const [link] = useState(view.at ? undefined : view.cell) // a link to a cell says where to look by its code alone
  const wanted = useCell(link)
  const at = useMemo(() => {
    if (view.at) return view.at
    if (wanted.data) return { zoom: 15, lat: wanted.data.centre.lat, lon: wanted.data.centre.lon }
    return { zoom: (centre?.[2] ?? 11) + roomy(narrow), lat: centre?.[1] ?? 31.3, lon: centre?.[0] ?? 120.62 }
  }, [view.at, wanted.data, centre, narrow])

  const values = useMemo(() => inView.areas.map((a) => a.properties[view.figure]).filter((v): v is number => typeof v === 'number'), [inView, view.figure])
  const steps = useMemo(() => {
    const all = fixed(view.figure)
    if (view.breaks === 'quantile') all[inView.level] = quantileSteps(view.figure, values)
    return all
  }, [view.figure, view.breaks, values, inView.level])
  const palette = useMemo(() => colours(), [shade])
  const value = useCallback((v: unknown) => (typeof v === 'number' ? f.number(v) : t('无数据', 'No figure')), [f, t])
  const labels = useMemo(() => named(inView.areas, view.figure), [inView, view.figure])
  const scene = useMemo<Scene>(() => ({
    areas, tickets: view.day ? undefined : tickets, buildings, now, base: view.base ? base : undefined, figure: view.figure, steps, pin, mode: view.tickets, plain: !!view.day, selected: view.cell, ticket: view.ticket, labels, colours: palette, dark: shade === 'dark',
  }), [areas, tickets, buildings, now, base, view.base, view.figure, view.tickets, view.day, view.cell, view.ticket, steps, pin, labels, palette, shade])

  const saw = useCallback((level: LevelId, found: Seen[]) => {
    setInView((before) => (before.level === level && signature(before.areas) === signature(found) ? before : { level, areas: found }))
  }, [])
  const open = useCallback((level: LevelId, area: Seen | undefined) => {
    if (!area) return change({ cell: undefined, ticket: undefined })
    if (level === 'cells') {
      if (narrow) handle.current?.go(...area.centre) // from under the sheet that comes up
      return change({ cell: area.code, ticket: undefined })
    }
    handle.current?.fit(area.bounds)
  }, [change, narrow])
  const go = useCallback((level: LevelId, area: Seen) => {
    open(level, area)
    if (level === 'cells') handle.current?.fit(area.bounds, 16)
  }, [open])

  // Escape puts the panel away, wherever the focus is on the page.
  useEffect(() => {
    const key = (e: KeyboardEvent) => e.key === 'Escape' && !e.defaultPrevented && change({ cell: undefined, ticket: undefined })
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [change])

  // Once: the panel of a cell that cannot be had asks for it again, and stays.
  if (wanted.isLoading && !wanted.errorUpdateCount) return <Skeleton lines={10} />
  const cell = inView.areas.find((a) => a.code === view.cell)
  const legend = <Legend figure={view.figure} steps={steps[inView.level]} palette={palette} level={inView.level} breaks={view.breaks} heat={view.tickets === 'heat'} onBreaks={(breaks) => change({ breaks })} />
  return (
    <>
      <Bar view={view} change={change} search={<Search handle={handle} change={change} onPin={setPin} />} tickets={!!tickets && !view.day} base={!!base} />
      <div className={css.body}>
        <div className={css.ground}>
          <Canvas scene={scene} at={at} covered={!narrow ? 0 : view.cell || view.ticket ? innerHeight * 0.46 : 132} handle={handle} onMove={(a) => change({ at: a }, true)} onSeen={saw} onArea={open} onTicket={(id) => change({ ticket: id, cell: undefined })}
            tip={(_, p) => [String(p.name ?? p.code), view.day ? '' : `${figureName(t, view.figure)} ${value(p[view.figure])}`]} />
          {view.day ? <History day={view.day} onDay={(d, replace) => change({ day: d }, replace)} /> : !narrow && legend}
          <small className={css.credit}>{[areas.cells?.attribution, view.base && base?.attribution].filter(Boolean).join(' · ')}</small>
          <Zoom handle={handle} />
        </div>
        <Side opened={view.cell || view.ticket} legend={narrow && !view.day ? legend : undefined}>
          {view.cell
            ? <CellPanel key={view.cell} code={view.cell} day={view.day} figure={view.figure} figures={cell?.properties} onClose={() => change({ cell: undefined })} />
            : view.ticket
              ? <TicketPeek key={view.ticket} id={view.ticket} onCell={(code) => change({ cell: code, ticket: undefined })} onClose={() => change({ ticket: undefined })} />
              : <AreaList level={inView.level} areas={inView.areas} figure={view.figure} plain={!!view.day} value={value} onOpen={go} />}
        </Side>
      </div>
    </>
  )
}

// The zoom that the tiles name suits a window of 512 pixels, as wide as a phone's.
const roomy = (narrow: boolean) => (narrow ? -0.3 : Math.max(0, Math.log2(Math.min(innerWidth - 580, innerHeight - 60) / 560)))

const signature = (areas: Seen[]) => areas.map((a) => `${a.code}:${a.centre}:${JSON.stringify(a.properties)}`).join('|')
