import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { FeatureCollection } from 'geojson'
import { baseSource, type BaseMap } from './basemap'
import type { Colours } from './colours'
import { figureOf, levels, shades, type FigureId, type LevelId } from './figures'
import type { TileJSON } from './tiles'

/** Scene is all that the picture depends on. */
export type Scene = {
  areas: Partial<Record<LevelId, TileJSON>>
  tickets?: TileJSON
  buildings?: TileJSON
  base?: BaseMap
  /** The cells of now, beside those of another day. */
  now?: TileJSON
  figure: FigureId
  steps: Record<LevelId, number[]>
  mode: 'points' | 'heat' | 'off'
  /** Whether figures are shown at all: the boundaries of another day have none. */
  plain: boolean
  selected?: string
  ticket?: string
  labels: FeatureCollection
  /** An address that was looked for. */
  pin?: [lon: number, lat: number]
  colours: Colours
  dark: boolean
}

const fonts = ['PingFang SC', 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'sans-serif']

/** spans gives each level that there is its zooms: where one is missing, the next finer takes its place. */
export function spans(areas: Scene['areas']): { id: LevelId; from: number; to: number }[] {
  const there = levels.filter((l) => areas[l.id])
  return there.map((l, i) => ({ id: l.id, from: i === 0 ? 0 : l.from, to: there[i + 1]?.from ?? 24 }))
}

export const levelAt = (areas: Scene['areas'], zoom: number): LevelId => spans(areas).findLast((s) => zoom >= s.from)?.id ?? 'cells'

/** picture is the scene as a style, which MapLibre compares with the one before and changes only what differs. */
export function picture(s: Scene): StyleSpecification {
  const sources: Record<string, SourceSpecification> = { labels: { type: 'geojson', data: s.labels } }
  if (s.pin) sources.pin = { type: 'geojson', data: { type: 'Point', coordinates: s.pin } }
  const vector = (t: TileJSON): SourceSpecification => ({
    type: 'vector', tiles: t.tiles, minzoom: t.minzoom, maxzoom: t.maxzoom, ...(t.bounds && { bounds: t.bounds as [number, number, number, number] }),
  })
  for (const l of levels) if (s.areas[l.id]) sources[l.id] = vector(s.areas[l.id]!)
  if (s.now) sources.now = vector(s.now)
  if (s.base) sources.base = baseSource(s.base)
  if (s.buildings) sources.buildings = vector(s.buildings)
  if (s.tickets && s.mode !== 'off') sources.tickets = vector(s.tickets)
  return {
    version: 8,
    sources,
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': s.colours.ground } },
      ...(s.base ? [{ id: 'base', type: 'raster', source: 'base', paint: { 'raster-fade-duration': 120, ...(s.dark && { 'raster-brightness-max': 0.55, 'raster-saturation': -0.6 }) } } satisfies LayerSpecification] : []),
      ...spans(s.areas).flatMap((span) => fills(s, span)),
      ...(s.buildings && !s.base ? buildings(s) : []),
      ...(s.now ? [{ id: 'now', type: 'line', source: 'now', 'source-layer': 'cells', filter: notMicro, layout: { 'line-join': 'round' }, paint: { 'line-color': s.colours.accent, 'line-width': 6, 'line-opacity': 0.3 } } satisfies LayerSpecification] : []),
      ...spans(s.areas).reverse().flatMap((span) => edges(s, span)),
      ...labels(s),
      ...chosen(s),
      ...(sources.tickets ? (s.mode === 'heat' ? heat(s) : points(s)) : []),
      ...(s.pin ? [{ id: 'pin', type: 'circle', source: 'pin', paint: { 'circle-radius': 9, 'circle-color': s.colours.accent, 'circle-stroke-width': 4, 'circle-stroke-color': s.colours.surface } } satisfies LayerSpecification] : []),
    ],
  }
}

type Span = { id: LevelId; from: number; to: number }

const notMicro: ExpressionSpecification = ['!=', ['get', 'kind'], 'micro']

function fills(s: Scene, { id, from, to }: Span): LayerSpecification[] {
  const base = { source: id, 'source-layer': id, minzoom: from, maxzoom: to } as const
  const steps = s.steps[id]
  const ramp = shades(s.colours.ramps[figureOf(s.figure).ramp], steps.length)
  const known: ExpressionSpecification = ['has', s.figure]
  const coloured = ['step', ['to-number', ['get', s.figure]], s.colours.zero, ...steps.flatMap((from, i) => [from, ramp[i]!])] as unknown as ExpressionSpecification
  const opacity = s.base ? 0.6 : 1
  const flat = s.plain || s.mode === 'heat' // where the colours are those of something else, or of nothing
  return [
    {
      id: `${id}-fill`, type: 'fill', ...base, filter: notMicro,
      paint: { 'fill-antialias': false, 'fill-color': s.plain ? s.colours.zero : ['case', known, flat ? s.colours.zero : coloured, s.colours.empty], 'fill-opacity': opacity },
    },
    { id: `${id}-hatch`, type: 'fill', ...base, filter: ['all', notMicro, s.plain ? false : ['!', known]], paint: { 'fill-antialias': false, 'fill-pattern': 'hatch', 'fill-opacity': opacity } },
  ]
}

function buildings(s: Scene): LayerSpecification[] {
  return [{ id: 'buildings', type: 'fill', source: 'buildings', 'source-layer': 'buildings', minzoom: 14, paint: { 'fill-color': s.colours.building, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 14, 0.05, 16, 0.16] } }]
}

// Edges of a level stay when the finer ones are shown, so that one sees what a cell belongs to.
const weight: Record<LevelId, [far: number, near: number]> = { counties: [1.4, 3], streets: [0.9, 2.6], communities: [0.7, 2], cells: [0.5, 1.2] }

function edges(s: Scene, { id, from }: Span): LayerSpecification[] {
  const [far, near] = weight[id]
  const width: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], from, far, from + 5, near]
  const base = { source: id, 'source-layer': id, minzoom: from } as const
  const all: LayerSpecification[] = [
    { id: `${id}-edge`, type: 'line', ...base, filter: notMicro, layout: { 'line-join': 'round' }, paint: { 'line-color': id === 'cells' && !s.plain ? s.colours.edge : s.colours.edgeStrong, 'line-opacity': id === 'cells' ? 0.8 : 0.7, 'line-width': width } },
    { id: `${id}-hover`, type: 'line', ...base, filter: notMicro, layout: { 'line-join': 'round' }, paint: { 'line-color': s.colours.text, 'line-width': 2, 'line-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 1, 0] } },
  ]
  if (id === 'cells')
    all.unshift({ id: 'cells-micro', type: 'line', ...base, minzoom: 14.5, filter: ['==', ['get', 'kind'], 'micro'], paint: { 'line-color': s.colours.edge, 'line-width': 0.8, 'line-dasharray': [3, 2] } })
  return all
}

function chosen(s: Scene): LayerSpecification[] {
  if (!s.selected || !s.areas.cells) return []
  const base = { type: 'line', source: 'cells', 'source-layer': 'cells', filter: ['==', ['get', 'code'], s.selected], layout: { 'line-join': 'round' } } as const
  return [
    { ...base, id: 'chosen-casing', filter: ['==', ['get', 'code'], s.selected], paint: { 'line-color': s.colours.surface, 'line-width': 7 } },
    { ...base, id: 'chosen', filter: ['==', ['get', 'code'], s.selected], paint: { 'line-color': s.colours.accent, 'line-width': 3.5 } },
  ]
}

const late: ExpressionSpecification = ['>', ['coalesce', ['get', 'overdue'], 0], 0]
const several: ExpressionSpecification = ['>', ['get', 'count'], 1]

function points(s: Scene): LayerSpecification[] {
  const base = { source: 'tickets', 'source-layer': 'tickets' } as const
  const all: LayerSpecification[] = [
    {
      id: 'tickets-many', type: 'circle', ...base, filter: several,
      paint: {
        'circle-radius': ['step', ['get', 'count'], 10, 10, 12, 50, 15, 200, 18, 1000, 22], 'circle-color': s.colours.point,
        'circle-stroke-width': 2.5, 'circle-stroke-color': ['case', late, s.colours.late, s.colours.onPoint],
      },
    },
    {
      id: 'tickets-count', type: 'symbol', ...base, filter: several,
      layout: { 'text-field': ['to-string', ['get', 'count']], 'text-font': fonts, 'text-size': 12, 'text-allow-overlap': true, 'text-padding': 8 },
      paint: { 'text-color': s.colours.onPoint },
    },
    // Circles take no room from names, so that something unseen does.
    { id: 'tickets-room', type: 'symbol', ...base, filter: ['!', several], layout: { 'text-field': 'o', 'text-font': fonts, 'text-size': 12, 'text-allow-overlap': true, 'text-padding': 3 }, paint: { 'text-opacity': 0 } },
    {
      id: 'tickets-one', type: 'circle', ...base, filter: ['!', several],
      paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 12, 4.5, 16, 7], 'circle-color': ['case', late, s.colours.late, s.colours.point], 'circle-stroke-width': 1.5, 'circle-stroke-color': s.colours.onPoint },
    },
  ]
  if (s.ticket)
    all.push({ id: 'tickets-chosen', type: 'circle', ...base, filter: ['==', ['get', 'id'], s.ticket], paint: { 'circle-radius': 12, 'circle-opacity': 0, 'circle-stroke-width': 3.5, 'circle-stroke-color': s.colours.accent } })
  return all
}

function heat(s: Scene): LayerSpecification[] {
  const ramp = s.colours.ramps.warm
  return [{
    id: 'tickets-heat', type: 'heatmap', source: 'tickets', 'source-layer': 'tickets',
    paint: {
      'heatmap-weight': ['min', 1, ['/', ['sqrt', ['get', 'count']], 5]],
      'heatmap-intensity': ['interpolate', ['linear'], ['zoom'], 9, 0.8, 16, 2],
      'heatmap-radius': ['interpolate', ['linear'], ['zoom'], 9, 40, 14, 64, 17, 90],
      'heatmap-color': ['interpolate', ['linear'], ['heatmap-density'], 0, `${ramp[0]!}00`, 0.1, ramp[0]!, 0.3, ramp[1]!, 0.5, ramp[2]!, 0.75, ramp[3]!, 1, ramp[4]!],
      'heatmap-opacity': 0.9,
    },
  }]
}

function labels(s: Scene): LayerSpecification[] {
  const known: ExpressionSpecification = ['>=', ['get', 'value'], 0]
  return [{
    id: 'labels', type: 'symbol', source: 'labels',
    // Names of cells have room from here on; those without figures wait until there is more.
    filter: ['any', ['<', ['length', ['get', 'code']], 13], ['>=', ['zoom'], 15.5], ['all', ['>=', ['zoom'], 14], s.plain || known]],
    layout: {
      'text-field': ['get', 'name'], 'text-font': fonts, 'text-size': 12.5, 'text-max-width': 6, 'text-padding': 4,
      'text-variable-anchor': ['center', 'top', 'bottom', 'left', 'right'], 'text-radial-offset': 1.2,
      'symbol-sort-key': ['-', 0, ['get', 'value']],
    },
    paint: { 'text-color': ['case', s.plain || known, s.colours.text, s.colours.faint], 'text-halo-color': s.colours.halo, 'text-halo-width': 1.4 },
  }]
}
