import type { RequestTransformFunction } from 'maplibre-gl'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { session, type Problem, type Schemas } from '../api'

export type TileJSON = Schemas['TileJSON']

/** authorised gives the token of now to requests to this server, and to none else. */
export const authorised: RequestTransformFunction = (url) => {
  if (new URL(url, location.href).origin !== location.origin) return { url }
  return session.fresh().then((token) => ({ url, headers: { Authorization: `Bearer ${token}` } }))
}

async function describe(layer: string, query: string): Promise<TileJSON | null> {
  const answer = await session.fetch(new Request(new URL(`/tiles/${layer}.json${query}`, location.origin)))
  if (answer.status === 403 || answer.status === 404) return null // not for this reader, or not of this server
  if (!answer.ok) throw (await answer.json()) as Problem
  const json = (await answer.json()) as TileJSON
  // The addresses begin with the public one; the page asks where it came from itself, as its policy has it.
  return { ...json, tiles: json.tiles.map((a) => a.replace(/^https?:\/\/[^/]+/, location.origin)) }
}

/** useTiles is the description of a layer of tiles: null where this reader has none. */
export function useTiles(layer: string, query = '', enabled = true) {
  return useQuery({ queryKey: ['tiles', layer, query], queryFn: () => describe(layer, query), staleTime: Infinity, enabled, placeholderData: enabled ? keepPreviousData : undefined })
}
