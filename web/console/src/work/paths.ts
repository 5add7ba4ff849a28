/** Thing is what a notice, a todo or a link is about: `{kind: 'ticket', id: '…'}`. */
export type Thing = { kind: string; id: string | null }

/**
 * placeOf is where a thing is looked at in the console; undefined for what has no page here. Ids come from the server, and
 * are written so that none can lead elsewhere.
 */
export function placeOf(thing: Thing | null | undefined): string | undefined {
  if (!thing?.id) return undefined
  const id = encodeURIComponent(thing.id)
  switch (thing.kind) {
    case 'ticket':
      return `/tickets/${id}`
    case 'intake-case':
    case 'case':
      return `/cases/${id}`
    case 'stop':
      return `/stops/${id}`
    case 'visit':
    case 'home_call':
      return `/visits?visit=${id}`
    case 'station':
      return `/stations?station=${id}`
    case 'cell':
      return `/map?cell=${id}`
    default:
      return undefined
  }
}

const kinds: Record<string, string> = { tickets: 'ticket', 'intake-cases': 'intake-case', stops: 'stop', visits: 'visit', stations: 'station', cells: 'cell' }

/** placeOfPath is the same for the address that the API gives a thing: `/v1/tickets/…`. */
export function placeOfPath(path: string): string | undefined {
  const [, list, id] = /^\/v1\/([a-z-]+)\/([^/?#]+)(?:\/.*)?$/.exec(path) ?? []
  return list && id && kinds[list] ? placeOf({ kind: kinds[list], id: decodeURIComponent(id) }) : undefined
}
