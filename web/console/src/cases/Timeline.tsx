import { $api, paged } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Button, Loaded, Time } from '../ui'
import css from './cases.module.css'
import { CaseBadge } from './words'

/** Timeline is what happened to a case, the oldest first. */
export function Timeline({ id }: { id: string }) {
  const t = useT()
  const word = useWords()
  const list = $api.useInfiniteQuery('get', '/v1/intake-cases/{id}/timeline', { params: { path: { id }, query: { limit: 100 } } }, paged)
  return (
    <Loaded of={{ ...list, data: list.data?.pages.flatMap((p) => p.items) }}>
      {(events) => (
        <>
          <ol className={css.line}>
            {events.map((e) => (
              <li key={e.number}>
                <span className={css.lineHead}><b>{word('IntakeEvent', e.action)}</b>{e.to && e.to !== e.from && <CaseBadge state={e.to} />}</span>
                {e.reason && <span>{e.reason}</span>}
                {e.note && <span>{e.note}</span>}
                {e.missing.length > 0 && <span>{t('所缺：', 'Wanting: ')}{e.missing.join('、')}</span>}
                <span className={css.lineSub}><Time at={e.at} />{e.actor && ` · ${e.actor.name}`}</span>
              </li>
            ))}
          </ol>
          {list.hasNextPage && <Button size="small" onPress={() => void list.fetchNextPage()} isPending={list.isFetchingNextPage}>{t('加载更多', 'Load more')}</Button>}
        </>
      )}
    </Loaded>
  )
}
