import { Chart, prewarm, type MapGeoJSONFeature, type MapMouseEvent } from './maplibre'
import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type Ref } from 'react'
import { useLive } from '../api/live'
import { useT } from '../i18n'
import { hatch } from './colours'
import type { LevelId } from './figures'
import { levelAt, picture, type Scene } from './scene'
import { seen, type Seen } from './seen'
import { authorised } from './tiles'
import css from './map.module.css'
import type { View } from './view'

prewarm() // the worker's code comes while the tiles are being described

/** Handle moves the map from outside. */
export type Handle = {
  fit: (bounds: Seen['bounds'], most?: number) => void
  go: (lon: number, lat: number, zoom?: number) => void
  zoom: (by: 1 | -1) => void
}

type Props = {
  scene: Scene
  at: NonNullable<View['at']>
  /** How many pixels at the bottom something lies over. */
  covered: number
  onMove: (at: NonNullable<View['at']>) => void
  onSeen: (level: LevelId, areas: Seen[]) => void
  onArea: (level: LevelId, area: Seen | undefined) => void
  onTicket: (id: string) => void
  tip: (level: LevelId, properties: Record<string, unknown>) => [name: string, value: string]
  handle: Ref<Handle>
}

const same = (a: NonNullable<View['at']>, b: NonNullable<View['at']>) => Math.abs(a.zoom - b.zoom) < 0.01 && Math.abs(a.lat - b.lat) < 2e-5 && Math.abs(a.lon - b.lon) < 2e-5

/** Canvas is the map itself: it shows a scene, and tells where it looks, what lies in view and what is pointed at. */
export function Canvas({ scene, at, covered, onMove, onSeen, onArea, onTicket, tip, handle }: Props) {
  const t = useT()
  const frame = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<Chart>()
  const [over, setOver] = useState<{ x: number; y: number; text: [string, string] }>()
  const level = (c: Chart) => levelAt(scene.areas, c.getZoom())

  const look = useEffectEvent((c: Chart) => {
    const id = level(c)
    if (c.getLayer(`${id}-fill`) && c.isSourceLoaded(id)) onSeen(id, seen(c.queryRenderedFeatures({ layers: [`${id}-fill`] })))
  })
  const moved = useEffectEvent((c: Chart) => {
    const centre = c.getCenter()
    const now = { zoom: c.getZoom(), lat: centre.lat, lon: centre.lng }
    if (!same(now, at)) onMove(now)
  })
  const pick = useEffectEvent((c: Chart, e: MapMouseEvent) => {
    const near = c.queryRenderedFeatures([[e.point.x - 4, e.point.y - 4], [e.point.x + 4, e.point.y + 4]], { layers: ['tickets-one', 'tickets-many'].filter((l) => c.getLayer(l)) })[0]
    if (near?.properties.id) return onTicket(String(near.properties.id))
    if (near && near.geometry.type === 'Point') return void c.easeTo({ center: near.geometry.coordinates as [number, number], zoom: Math.min(c.getZoom() + 2, 17) })
    const id = level(c)
    const area = c.queryRenderedFeatures(e.point, { layers: [`${id}-fill`].filter((l) => c.getLayer(l)) })
    onArea(id, seen(area)[0])
  })
  const hovered = useRef<{ source: string; sourceLayer: string; id: number | string } | null>(null)
  const point = useEffectEvent((c: Chart, e: MapMouseEvent | null) => {
    const id = level(c)
    const f: MapGeoJSONFeature | undefined = e && c.getLayer(`${id}-fill`) ? c.queryRenderedFeatures(e.point, { layers: [`${id}-fill`] })[0] : undefined
    if (hovered.current && c.getSource(hovered.current.source)) c.setFeatureState(hovered.current, { hover: false })
    hovered.current = f?.id !== undefined ? { source: id, sourceLayer: id, id: f.id } : null
    if (hovered.current) c.setFeatureState(hovered.current, { hover: true })
    c.getCanvas().style.cursor = f ? 'pointer' : ''
    setOver(f && e ? { x: e.point.x, y: e.point.y, text: tip(id, f.properties) } : undefined)
  })
  const open = useEffectEvent((container: HTMLDivElement) => {
    const c = new Chart({
      container, style: picture(scene), center: [at.lon, at.lat], zoom: at.zoom, minZoom: 7, maxZoom: 19, transformRequest: authorised,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 120, locale: { 'Map.Title': t('网格地图', 'Map of the grid') },
    })
    c.setPadding({ top: 0, left: 0, right: 0, bottom: covered })
    c.touchZoomRotate.disableRotation()
    c.keyboard.disableRotation()
    return c
  })

  const shownLevel = useEffectEvent(level)
  const pattern = useEffectEvent(() => hatch(scene.colours.hatch))

  useEffect(() => {
    const c = open(frame.current!)
    let soon = 0
    const later = () => (soon ||= requestAnimationFrame(() => { soon = 0; look(c) }))
    const box = c.getContainer().dataset // tells whether all of it is drawn, which nothing else in the page shows
    c.on('dataloading', () => (box.map = 'loading'))
    c.on('idle', () => {
      box.map = 'idle'
      later()
    })
    c.on('sourcedata', (e) => e.isSourceLoaded && e.sourceId === shownLevel(c) && later())
    c.on('moveend', () => {
      moved(c)
      later()
    })
    c.on('click', (e) => pick(c, e))
    const fine = matchMedia('(hover: hover)').matches
    if (fine) c.on('mousemove', (e) => point(c, e))
    c.on('mouseout', () => point(c, null))
    c.on('movestart', () => point(c, null))
    // A style is compared with the one before only once that is there.
    c.once('style.load', () => {
      c.addImage('hatch', pattern(), { pixelRatio: 2 })
      setChart(c)
    })
    return () => {
      cancelAnimationFrame(soon)
      c.remove()
    }
  }, [])

  // The picture follows the scene; MapLibre changes only what differs.
  useEffect(() => {
    if (!chart) return
    chart.updateImage('hatch', hatch(scene.colours.hatch))
    chart.setStyle(picture(scene), { diff: true, validate: false })
  }, [chart, scene])

  // Back and links move the map; what it did itself is in the address already.
  const follow = useEffectEvent((c: Chart) => {
    const centre = c.getCenter()
    if (!same({ zoom: c.getZoom(), lat: centre.lat, lon: centre.lng }, at)) c.jumpTo({ center: [at.lon, at.lat], zoom: at.zoom })
  })
  useEffect(() => {
    if (chart && !chart.isMoving()) follow(chart)
  }, [chart, at.zoom, at.lat, at.lon])

  useEffect(() => {
    if (chart && chart.getPadding().bottom !== covered) chart.easeTo({ padding: { top: 0, left: 0, right: 0, bottom: covered }, duration: 200 })
  }, [chart, covered])

  useRefresh(chart, scene)

  useImperativeHandle(handle, () => ({
    fit: (bounds, most = 17) => chart?.fitBounds(bounds, { padding: Math.min(60, innerWidth / 12), maxZoom: most, duration: 500 }),
    go: (lon, lat, zoom) => chart?.easeTo({ center: [lon, lat], ...(zoom && { zoom }), duration: 500 }),
    zoom: (by) => (by > 0 ? chart?.zoomIn() : chart?.zoomOut()),
  }), [chart])

  return (
    <div className={css.canvas}>
      <div className={css.chart} ref={frame} />
      {over && <div className={css.tip} style={{ transform: `translate(${over.x + 14}px, ${over.y + 14}px)` }} aria-hidden><b>{over.text[0]}</b>{over.text[1] && <span>{over.text[1]}</span>}</div>}
    </div>
  )
}

const wait = 1200 // ms between two readings of the same tiles: a busy morning tells of hundreds of changes

/** useRefresh reads tiles again that changed. The old ones stay until the new are there, and an ETag spares those that did not change. */
function useRefresh(chart: Chart | undefined, scene: Scene) {
  const last = useRef(0)
  const timer = useRef(0)
  const refresh = useEffectEvent(() => {
    timer.current = 0
    last.current = performance.now()
    if (!chart) return
    for (const source of [...Object.keys(scene.areas), 'tickets']) if (chart.getSource(source)) chart.refreshTiles(source)
  })
  useLive((e) => {
    if (e === 'reset') return void (chart?.loaded() ? refresh() : chart?.once('idle', refresh)) // not while it is drawn for the first time
    if (!['ticket', 'visit', 'stop', 'cell'].includes(e.what)) return
    timer.current ||= window.setTimeout(refresh, Math.max(80, last.current + wait - performance.now()))
  })
  useEffect(() => () => window.clearTimeout(timer.current), [])
}
