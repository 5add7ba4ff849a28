import { useQueries } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { $api, api, paged } from '../api'
import { useLanguage } from '../i18n'
import { addMonths, dayOf, startOf, tally, type Tally, type Visit } from './month'

/** What narrows the visits of a page. */
export type Narrow = { area?: string; cell?: string; plan?: string; by?: string }

const page = 500
const pages = 3 // of a month that are asked for unasked; more only where somebody wants them

/** useMonth brings the visits that begin in a month, by when they begin: whole up to `until`, further with `more`. */
export function useMonth(month: string, narrow: Narrow) {
  const query = { ...narrow, from: startOf(month + '-01'), to: startOf(addMonths(month, 1) + '-01'), limit: page }
  const asked = $api.useInfiniteQuery('get', '/v1/visits', { params: { query } }, paged)
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isError } = asked
  const got = data?.pages.length ?? 0
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError && got < pages) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, isError, got, fetchNextPage])
  const visits = useMemo(() => data?.pages.flatMap((p) => p.items), [data])
  const byDay = useMemo(() => {
    const days = new Map<string, Visit[]>()
    for (const v of visits ?? []) {
      const d = dayOf(v.opens)
      const list = days.get(d)
      list ? list.push(v) : days.set(d, [v])
    }
    return days
  }, [visits])
  const tallies = useMemo(() => new Map<string, Tally>([...byDay].map(([d, list]) => [d, tally(list)])), [byDay])
  const last = visits?.at(-1)
  // The day of the last one may have more of them on the next page.
  const until = hasNextPage && last ? dayOf(Date.parse(last.opens) - 86_400_000) : undefined
  return { ...asked, visits, byDay, tallies, until, loading: isFetchingNextPage || (hasNextPage && got < pages), more: hasNextPage && got >= pages ? () => void fetchNextPage() : undefined }
}

/** usePlans are the plans of who may see them. */
export function usePlans(enabled: boolean, area?: string) {
  return $api.useQuery('get', '/v1/visit-plans', { params: { query: { limit: 200, ...(area ? { area } : {}) } } }, { enabled, staleTime: 300_000 })
}

/** useTagNames gives the name of a tag in a street. */
export function useTagNames(street: string) {
  const { lang } = useLanguage()
  const tags = $api.useQuery('get', '/v1/tags', { params: { query: { street } } }, { enabled: street !== '', staleTime: 300_000 })
  return (code: string) => tags.data?.items.find((t) => t.code === code)?.name[lang] ?? code
}

/** useVisits brings some visits by their ids. */
export function useVisits(ids: string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['get', '/v1/visits/{id}', { params: { path: { id } } }],
      queryFn: async () => {
        const { data, error } = await api.GET('/v1/visits/{id}', { params: { path: { id } } })
        if (error) throw error
        return data
      },
    })),
  })
}
