import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { Colours } from '../map/colours'
import { doneStates, waitingStates } from './states'

export type Spot = { lon: number; lat: number }

const fonts = ['PingFang SC', 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'sans-serif']
const tiles = (layer: string, minzoom = 0): SourceSpecification => ({ type: 'vector', tiles: [`${location.origin}/public/map/${layer}/{z}/{x}/{y}.mvt`], minzoom, maxzoom: 16 })

// What all names end in says nothing, and takes the room of three others.
const ending: ExpressionSpecification = ['index-of', '居委会', ['get', 'name']]
const shortName: ExpressionSpecification = ['case', ['>', ending, 0], ['slice', ['get', 'name'], 0, ending], ['get', 'name']]

/** picture is the public map: what lies there, the chosen cell and place, and the tickets over it. */
export function picture(c: Colours, cell: string | undefined, place: Spot | undefined, ticket: string | undefined): StyleSpecification {
  const many: ExpressionSpecification = ['>', ['get', 'count'], 1]
  const points = { source: 'tickets', 'source-layer': 'tickets' } as const
  const line = (id: string, source: string, from: number, to: number, width: number, opacity: number): LayerSpecification => ({
    id, type: 'line', source, 'source-layer': source, minzoom: from, maxzoom: to, layout: { 'line-join': 'round' },
    paint: { 'line-color': c.edgeStrong, 'line-width': width, 'line-opacity': opacity },
  })
  const chosen: ExpressionSpecification = ['==', ['get', 'code'], cell ?? '']
  return {
    version: 8,
    sources: {
      cells: tiles('cells'), communities: tiles('communities'), streets: tiles('streets'), tickets: tiles('tickets'), buildings: tiles('buildings', 14),
      place: { type: 'geojson', data: { type: 'FeatureCollection', features: place ? [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [place.lon, place.lat] } }] : [] } },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
      { id: 'streets-fill', type: 'fill', source: 'streets', 'source-layer': 'streets', paint: { 'fill-antialias': false, 'fill-color': c.zero } },
      { id: 'cells-chosen', type: 'fill', source: 'cells', 'source-layer': 'cells', filter: chosen, paint: { 'fill-color': c.accent, 'fill-opacity': 0.14 } },
      { id: 'buildings', type: 'fill', source: 'buildings', 'source-layer': 'buildings', minzoom: 14, paint: { 'fill-color': c.building, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 14, 0.06, 16, 0.18] } },
      { id: 'cells-edge', type: 'line', source: 'cells', 'source-layer': 'cells', minzoom: 13, filter: ['!=', ['get', 'kind'], 'micro'], paint: { 'line-color': c.edge, 'line-width': 0.8, 'line-opacity': 0.8 } },
      line('communities-edge', 'communities', 11.5, 24, 1, 0.5),
      line('streets-edge', 'streets', 0, 24, 1.6, 0.7),
      { id: 'cells-outline', type: 'line', source: 'cells', 'source-layer': 'cells', filter: chosen, layout: { 'line-join': 'round' }, paint: { 'line-color': c.accent, 'line-width': 3 } },
      { id: 'names', type: 'symbol', source: 'communities', 'source-layer': 'communities', minzoom: 13.2, layout: { 'text-field': shortName, 'text-font': fonts, 'text-size': 12, 'text-max-width': 8, 'symbol-placement': 'point' }, paint: { 'text-color': c.text, 'text-opacity': 0.75, 'text-halo-color': c.halo, 'text-halo-width': 1.4 } },
      {
        id: 'tickets-one', type: 'circle', ...points, filter: ['!', many],
        paint: {
          'circle-radius': ['case', ['==', ['get', 'id'], ticket ?? ''], 10, 6.5], 'circle-stroke-width': 2,
          'circle-color': ['match', ['get', 'state'], waitingStates, c.waiting, doneStates, c.surface, c.working],
          'circle-stroke-color': ['match', ['get', 'state'], doneStates, c.done, c.surface],
        },
      },
      {
        id: 'tickets-many', type: 'circle', ...points, filter: many,
        paint: { 'circle-radius': ['step', ['get', 'count'], 11, 10, 13, 50, 16, 200, 20], 'circle-color': c.point, 'circle-stroke-width': 2, 'circle-stroke-color': c.surface },
      },
      { id: 'tickets-count', type: 'symbol', ...points, filter: many, layout: { 'text-field': ['to-string', ['get', 'count']], 'text-font': fonts, 'text-size': 12, 'text-allow-overlap': true }, paint: { 'text-color': c.onPoint } },
      { id: 'place-halo', type: 'circle', source: 'place', paint: { 'circle-radius': 16, 'circle-color': c.accent, 'circle-opacity': 0.22 } },
      { id: 'place', type: 'circle', source: 'place', paint: { 'circle-radius': 7, 'circle-color': c.accent, 'circle-stroke-width': 3, 'circle-stroke-color': c.surface } },
    ],
  }
}
