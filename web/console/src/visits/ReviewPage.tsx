import { CheckCheck } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { $api, paged } from '../api'
import { useWords } from '../api/words'
import { AreaFilter } from '../app/areas'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Blank, Button, ButtonLink, Card, Filters, Loaded, Page, useFilters } from '../ui'
import { useNarrow } from '../ui/narrow'
import { Photos, Proof, Review, StopFacts, type Stop } from './StopDetail'
import css from './stop.module.css'
import { place } from './VisitsPage'

/** ReviewPage goes through the stops whose proof is doubtful, the oldest first. On a phone each is a page of its own. */
export default function ReviewPage() {
  const t = useT()
  const narrow = useNarrow()
  const { get, put, query } = useFilters()
  const list = $api.useInfiniteQuery('get', '/v1/stops', { params: { query: { queue: 'review', limit: 50, ...place(get) } } }, paged)
  const stops = list.data?.pages.flatMap((p) => p.items)
  const at = Math.max(0, stops?.findIndex((s) => s.id === get('stop')) ?? 0)
  const stop = stops?.[at]
  const next = stops?.[at + 1] ?? stops?.[at - 1]
  const to = (s: Stop) => {
    if (narrow) return `/stops/${s.id}`
    const q = new URLSearchParams(query)
    q.set('stop', s.id)
    return `/visits/review?${q}`
  }
  return (
    <Page title={t('审核到访凭证', 'Review proofs of visits')} about={t('凭证存疑的到访，最早的在前。不通过的不计入走访率，之后可改为通过。', 'Stops whose proof is in doubt, the oldest first. Rejected they do not count as coverage; they can be accepted later.')}
      actions={<ButtonLink href="/visits">{t('走访日历', 'Calendar')}</ButtonLink>}>
      <Filters label={t('筛选', 'Filters')}><AreaFilter /></Filters>
      <Loaded of={{ ...list, data: stops }}>
        {(rows) =>
          rows.length === 0 ? <Blank icon={<CheckCheck size={36} strokeWidth={1.4} aria-hidden />} title={t('没有待审核的凭证', 'No proof waits for a review')} /> : (
            <div className={css.queue}>
              <Queue rows={rows} chosen={narrow ? undefined : stop?.id} to={to} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} />
              {!narrow && stop && (
                <Card key={stop.id} title={stop.household?.address.text ?? stop.address?.text} actions={<Link to={`/stops/${stop.id}`}>{t('全部情况', 'All of it')}</Link>}>
                  <div className={css.panel}>
                    <Proof stop={stop} />
                    <div className={css.column}>
                      <StopFacts stop={stop} />
                      <Photos ids={stop.photos} />
                      <Review stop={stop} onDone={() => put({ stop: next?.id ?? '' }, { replace: true })} />
                    </div>
                  </div>
                </Card>
              )}
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}

function Queue({ rows, chosen, to, more, loading }: { rows: Stop[]; chosen?: string; to: (s: Stop) => string; more?: () => void; loading: boolean }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const frame = useRef<HTMLUListElement>(null)
  useEffect(() => void frame.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' }), [chosen])
  return (
    <ul className={css.list} ref={frame} aria-label={t('待审核', 'To review')}>
      {rows.map((s) => (
        <li key={s.id}>
          <Link to={to(s)} className={css.item} aria-current={s.id === chosen ? 'true' : undefined}>
            <span className={css.itemTop}><b>{s.household?.address.text ?? s.address?.text}</b><span className={css.score} title={t('疑点分值', 'Score of the doubts')}>{s.proof.score}</span></span>
            <span className={css.itemSub}><span>{f.time(s.at)}</span><span>{s.by?.name}</span><span>{s.place.cell?.name}</span></span>
            <span className={css.doubts}>{s.proof.flags.map((x) => <Badge key={x.doubt} tone="warn">{word('Doubt', x.doubt)}</Badge>)}</span>
          </Link>
        </li>
      ))}
      {more && <li className={css.more}><Button size="small" onPress={more} isPending={loading}>{t('加载更多', 'Load more')}</Button></li>}
    </ul>
  )
}
