import { useCallback } from 'react'
import { $api } from '../api'

/** useCategories are the categories of a street's catalogue, or those built in, with the names of all that ever were. */
export function useCategories(area?: string) {
  const { data } = $api.useQuery('get', '/v1/categories', { params: { query: { area, retired: true } } }, { staleTime: 600_000 })
  const all = data?.items ?? []
  const name = useCallback((code: string) => data?.items.find((c) => c.code === code)?.name ?? code, [data])
  return { all, offered: all.filter((c) => !c.retired), name }
}
