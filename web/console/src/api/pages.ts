import { useInfiniteQuery } from '@tanstack/react-query'
import { api } from '.'

type Page<R> = { items: R[]; next: string | null }
type Query = Record<string, string | number | boolean | string[] | undefined>

/**
 * usePages is a list of the API, page after page, by its cursor. `R` is what a row of it is in the contract:
 * `usePages<Schemas['Ticket']>('/v1/tickets', {}, {state: ['closed']})`.
 */
export function usePages<R>(path: string, ids: Record<string, string>, query: Query, enabled = true) {
  const pages = useInfiniteQuery({
    queryKey: ['get', path, ids, query],
    enabled,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<R>) => last.next ?? undefined,
    queryFn: async ({ pageParam, signal }) => {
      const get = api.GET as (path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>
      const { data, error } = await get(path, { params: { path: ids, query: { ...query, cursor: pageParam } }, signal })
      if (data === undefined) throw error
      return data as Page<R>
    },
  })
  return { ...pages, rows: pages.data?.pages.flatMap((p) => p.items) ?? [] }
}
