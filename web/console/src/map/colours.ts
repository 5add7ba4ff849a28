/** Colours of the map, from the tokens of the theme in use. */
export type Colours = ReturnType<typeof colours>

export function colours() {
  const css = getComputedStyle(document.documentElement)
  const of = (name: string) => css.getPropertyValue(name).trim()
  const ramp = (name: string) => of(`--ramp-${name}`).split(/\s+/)
  return {
    ground: of('--map-ground'), empty: of('--map-empty'), hatch: of('--map-hatch'), edge: of('--map-edge'), edgeStrong: of('--map-edge-strong'),
    building: of('--map-building'), text: of('--map-text'), faint: of('--text-3'), halo: of('--map-halo'), point: of('--map-point'), onPoint: of('--map-on-point'),
    late: of('--map-late'), zero: of('--map-zero'), waiting: of('--visit-unmet'), working: of('--info'), done: of('--good'), accent: of('--accent'), surface: of('--surface'),
    ramps: { warm: ramp('warm'), cool: ramp('cool'), plum: ramp('plum') },
  }
}

/** hatch is the pattern of areas without figures: drawn here, because an image of it would be one more request. */
export function hatch(colour: string): ImageData {
  const size = 16 // of a tile that repeats, at two pixels each
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const c = canvas.getContext('2d')!
  c.strokeStyle = colour
  c.lineWidth = 1.6
  for (const x of [-size, 0, size]) {
    c.beginPath()
    c.moveTo(x - 2, size + 2)
    c.lineTo(x + size + 2, -2)
    c.stroke()
  }
  return c.getImageData(0, 0, size, size)
}
