import { CheckCircle2 } from 'lucide-react'
import { Link } from 'wouter'
import { $api, paged } from '../api'
import { useT } from '../i18n'
import { Blank, Loaded, Table, Time, useFilters, type Column } from '../ui'
import type { Visit } from './month'
import { place } from './VisitsPage'

/** Overdue are the visits whose time is over and that nobody has made, whatever the month. */
export function Overdue() {
  const t = useT()
  const { get, query } = useFilters()
  const list = $api.useInfiniteQuery('get', '/v1/visits', { params: { query: { overdue: true, limit: 100, sort: 'dueAt', ...place(get) } } }, paged)
  const to = (id: string) => {
    const q = new URLSearchParams(query)
    q.set('visit', id)
    return `/visits?${q}`
  }
  const columns: Column<Visit>[] = [
    { id: 'where', name: t('住户', 'Household'), width: 'minmax(220px, 2fr)', main: true, show: (v) => <Link to={to(v.id)}>{v.household?.address.text ?? v.place.cell?.name ?? '—'}</Link> },
    { id: 'who', name: t('住户姓名', 'Occupant'), width: '90px', show: (v) => v.household?.occupant },
    { id: 'cell', name: t('网格', 'Cell'), width: 'minmax(130px, 1fr)', show: (v) => v.place.cell?.name },
    { id: 'plan', name: t('计划', 'Plan'), width: 'minmax(120px, 1fr)', show: (v) => v.plan?.title ?? v.cause?.text },
    { id: 'assignee', name: t('派给', 'Assigned to'), width: '120px', show: (v) => v.assignee?.name ?? <span className="muted">{t('本格网格员', 'Cell worker')}</span> },
    { id: 'closes', name: t('截止', 'Closed'), width: '120px', show: (v) => <Time at={v.closes} as="ago" /> },
  ]
  return (
    <Loaded of={{ ...list, data: list.data?.pages.flatMap((p) => p.items) as Visit[] | undefined }}>
      {(rows) =>
        rows.length === 0 ? <Blank icon={<CheckCircle2 size={36} strokeWidth={1.4} aria-hidden />} title={t('没有逾期的走访', 'No visit is overdue')} /> : (
          <Table label={t('逾期的走访', 'Overdue visits')} columns={columns} rows={rows} idOf={(v) => v.id} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} />
        )
      }
    </Loaded>
  )
}
