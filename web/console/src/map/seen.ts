import type { Feature, FeatureCollection, Point, Position } from 'geojson'
import type { MapGeoJSONFeature } from 'maplibre-gl'

/** Seen is an area that lies in view, with what its tiles say of it. */
export type Seen = { code: string; name: string; kind?: string; properties: Record<string, unknown>; bounds: [w: number, s: number, e: number, n: number]; centre: [lon: number, lat: number] }

/**
 * seen puts the areas in view together: one that lies in several tiles comes once from each, as the piece that lies there.
 * The middle of an area is that of its pieces' surface.
 */
export function seen(features: MapGeoJSONFeature[]): Seen[] {
  const areas = new Map<string, Seen & { weight: number }>()
  for (const f of features) {
    const code = String(f.properties.code)
    const g = f.geometry
    const rings = g.type === 'Polygon' ? [g.coordinates[0]!] : g.type === 'MultiPolygon' ? g.coordinates.map((p) => p[0]!) : []
    for (const ring of rings) {
      const { area, lon, lat, bounds } = middle(ring)
      if (area === 0) continue
      const a = areas.get(code)
      if (!a) areas.set(code, { code, name: String(f.properties.name ?? code), kind: f.properties.kind as string, properties: f.properties, bounds, centre: [lon, lat], weight: area })
      else {
        const all = a.weight + area
        a.centre = [(a.centre[0] * a.weight + lon * area) / all, (a.centre[1] * a.weight + lat * area) / all]
        a.weight = all
        a.bounds = [Math.min(a.bounds[0], bounds[0]), Math.min(a.bounds[1], bounds[1]), Math.max(a.bounds[2], bounds[2]), Math.max(a.bounds[3], bounds[3])]
      }
    }
  }
  return [...areas.values()]
}

function middle(ring: Position[]) {
  let twice = 0, x = 0, y = 0
  const bounds: Seen['bounds'] = [Infinity, Infinity, -Infinity, -Infinity]
  const [x0, y0] = ring[0] as [number, number]
  for (let i = 0; i < ring.length - 1; i++) {
    const ax = ring[i]![0]! - x0, ay = ring[i]![1]! - y0, bx = ring[i + 1]![0]! - x0, by = ring[i + 1]![1]! - y0
    const cross = ax * by - bx * ay
    twice += cross
    x += (ax + bx) * cross
    y += (ay + by) * cross
    bounds[0] = Math.min(bounds[0], ax + x0)
    bounds[1] = Math.min(bounds[1], ay + y0)
    bounds[2] = Math.max(bounds[2], ax + x0)
    bounds[3] = Math.max(bounds[3], ay + y0)
  }
  return { area: Math.abs(twice), lon: twice ? x0 + x / (3 * twice) : x0, lat: twice ? y0 + y / (3 * twice) : y0, bounds }
}

/** named is the areas' names at their middles, which MapLibre writes where there is room, the greatest figure first. */
export function named(areas: Seen[], figure: string): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: areas.map((a): Feature<Point> => {
      const value = a.properties[figure]
      return { type: 'Feature', geometry: { type: 'Point', coordinates: a.centre }, properties: { code: a.code, name: a.name.replace(/居(民)?委(员)?会$/, ''), value: typeof value === 'number' ? value : -1 } }
    }),
  }
}
