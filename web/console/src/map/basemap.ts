import { addProtocol, type SourceSpecification } from 'maplibre-gl'
import gcoord from 'gcoord'
import type { Schemas } from '../api'

/** BaseMap is a map of somebody else that the operator lays below ours. */
export type BaseMap = NonNullable<Schemas['Meta']['baseMap']>

const size = 256

/**
 * baseSource has the base map as a source. One that is drawn in GCJ-02 is bent to WGS-84, tile by tile, so that everything else,
 * positions in the address and what is clicked among them, stays what it is. The datum's shift hardly changes within a tile, so
 * three of its corners say where every pixel lies, to far less than one.
 */
export function baseSource(map: BaseMap): SourceSpecification {
  const tiles = map.datum === 'gcj02' ? [`wangge-gcj02://${map.tiles}`] : [map.tiles]
  return { type: 'raster', tiles, tileSize: size, maxzoom: 18 }
}

const scheme = /^wangge-gcj02:\/\/(.*)$/

/** pixel is where a place of the tile grid lies in pixels of a map that is drawn in GCJ-02, at the same zoom. */
export function pixel(z: number, x: number, y: number): [number, number] {
  const n = 2 ** z
  const lon = (x / n) * 360 - 180
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / n))) * 180) / Math.PI
  const [lonG, latG] = gcoord.transform([lon, lat], gcoord.WGS84, gcoord.GCJ02) as [number, number]
  const r = (latG * Math.PI) / 180
  return [((lonG + 180) / 360) * n * size, ((1 - Math.asinh(Math.tan(r)) / Math.PI) / 2) * n * size]
}

// Each tile of theirs lies under up to four of ours.
const kept = new Map<string, Promise<ImageBitmap>>()
function tile(url: string): Promise<ImageBitmap> {
  const had = kept.get(url)
  if (had) return had
  const got = fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' }).then(async (answer) => {
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
    return createImageBitmap(await answer.blob())
  })
  kept.set(url, got)
  got.catch(() => kept.delete(url))
  if (kept.size > 120) kept.delete(kept.keys().next().value!)
  return got
}

/** bent draws one tile of ours of theirs. MapLibre has put the tile's numbers in the address; they are read out of it again. */
async function bent(template: string, z: number, x: number, y: number): Promise<ImageBitmap> {
  const [nw, ne, sw] = [pixel(z, x, y), pixel(z, x + 1, y), pixel(z, x, y + 1)]
  const se = [ne[0] + sw[0] - nw[0], ne[1] + sw[1] - nw[1]]
  const xs = [nw[0], ne[0], sw[0], se[0]!].map((v) => Math.floor(v / size)), ys = [nw[1], ne[1], sw[1], se[1]!].map((v) => Math.floor(v / size))
  const [x0, y0] = [Math.min(...xs), Math.min(...ys)]
  const [w, h] = [Math.max(...xs) - x0 + 1, Math.max(...ys) - y0 + 1]
  // Put together first, at whole pixels, so that no seam shows between two of theirs.
  const all = new OffscreenCanvas(w * size, h * size)
  const put = all.getContext('2d')!
  await Promise.all(
    Array.from({ length: w * h }, async (_, i) => {
      const [dx, dy] = [i % w, Math.floor(i / w)]
      const url = template.replace('{z}', String(z)).replace('{x}', String(x0 + dx)).replace('{y}', String(y0 + dy))
      put.drawImage(await tile(url), dx * size, dy * size, size, size)
    }),
  )
  const out = new OffscreenCanvas(size, size)
  const draw = out.getContext('2d')!
  const to = new DOMMatrix([(ne[0] - nw[0]) / size, (ne[1] - nw[1]) / size, (sw[0] - nw[0]) / size, (sw[1] - nw[1]) / size, nw[0] - x0 * size, nw[1] - y0 * size])
  draw.setTransform(to.inverse())
  draw.drawImage(all, 0, 0)
  return out.transferToImageBitmap()
}

/** bendTiles has MapLibre ask here for tiles of a map in GCJ-02. */
export function bendTiles(map: BaseMap) {
  const parts = map.tiles.split(/(\{[zxy]\})/)
  const order = parts.filter((p) => /^\{[zxy]\}$/.test(p)).map((p) => p[1]!)
  const like = new RegExp(`^${parts.map((p) => (/^\{[zxy]\}$/.test(p) ? '(\\d+)' : p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('')}$`)
  addProtocol('wangge-gcj02', async ({ url }) => {
    const numbers = like.exec(scheme.exec(url)?.[1] ?? '')
    if (!numbers) throw new Error('not a tile of the base map')
    const at = Object.fromEntries(order.map((name, i) => [name, Number(numbers[i + 1])]))
    return { data: await bent(map.tiles, at.z!, at.x!, at.y!) }
  })
}
