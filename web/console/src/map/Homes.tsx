import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { $api, api, isProblem } from '../api'
import { useLanguage, useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Button, Failure, Skeleton } from '../ui'
import css from './map.module.css'

const fewest = 10 // as on the map: of fewer, a number points at somebody

/** Homes is the households of a cell by tag. They are read only when somebody asks, for they are people. */
export function Homes({ cell, street }: { cell: string; street?: string }) {
  const t = useT()
  const [asked, setAsked] = useState(false)
  return (
    <section>
      <h3>{t('住户（按标签）', 'Households by tag')}</h3>
      {asked ? <Counts cell={cell} street={street} /> : <Button size="small" onPress={() => setAsked(true)}>{t('统计住户', 'Count households')}</Button>}
    </section>
  )
}

function Counts({ cell, street }: { cell: string; street?: string }) {
  const { lang, t } = useLanguage()
  const f = useFormats()
  const tags = $api.useQuery('get', '/v1/tags', { params: { query: { street: street ?? '' } } }, { enabled: !!street, staleTime: 600_000 })
  const homes = useInfiniteQuery({
    queryKey: ['homes', cell],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const { data, error } = await api.GET('/v1/households', { params: { query: { cell, limit: 200, cursor: pageParam } }, signal })
      if (error) throw error
      // No more is kept than what is counted.
      return { tags: data.items.map((h) => [...new Set(h.tags.map((g) => g.code))]), next: data.next }
    },
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const { hasNextPage, isFetching, fetchNextPage } = homes
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])
  const counted = useMemo(() => {
    const all = homes.data?.pages.flatMap((p) => p.tags) ?? []
    const by = new Map<string, number>()
    for (const codes of all) for (const c of codes) by.set(c, (by.get(c) ?? 0) + 1)
    return { total: all.length, by: [...by].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])) }
  }, [homes.data])
  if (isProblem(homes.error) && homes.error.status === 403) return <p className={css.none}>{t('您不能查看住户', 'You may not see households')}</p>
  if (homes.error) return <Failure error={homes.error} retry={() => void homes.refetch()} />
  if (!homes.data || hasNextPage) return <Skeleton lines={3} />
  const many = (n: number) => (n >= fewest ? f.number(n) : t('少于 10', 'fewer than 10'))
  return (
    <dl className={css.tally}>
      <div><dt>{t('全部住户', 'All households')}</dt><dd>{many(counted.total)}</dd></div>
      {counted.by.map(([code, n]) => <div key={code}><dt>{tags.data?.items.find((g) => g.code === code)?.name[lang] ?? code}</dt><dd>{many(n)}</dd></div>)}
    </dl>
  )
}
