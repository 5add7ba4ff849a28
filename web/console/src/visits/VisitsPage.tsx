import { ListChecks } from 'lucide-react'
import { useMemo } from 'react'
import { $api, useAccount } from '../api'
import { AreaFilter, useCells, useCommunity, useStreet } from '../app/areas'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Button, ButtonLink, Card, Failure, Filters, Notice, Page, Select, Skeleton, Tabs, useFilters } from '../ui'
import { Alerts } from './Alerts'
import { Calendar } from './Calendar'
import { useMonth, usePlans, useTagNames } from './data'
import { DayList } from './DayList'
import { isDay, isMonth, tally, today } from './month'
import { Overdue } from './Overdue'
import { Plans } from './Plans'
import { VisitDialog } from './VisitDialog'
import css from './visits.module.css'

const planners = ['community_manager', 'street_manager', 'admin']

/** VisitsPage is what visits are asked of whom: a month of them, those overdue, alerts and the plans that they come from. */
export default function VisitsPage() {
  const t = useT()
  const { get, put } = useFilters()
  const plans = useAccount().roles.some((r) => planners.includes(r))
  const alerts = $api.useQuery('get', '/v1/stops', { params: { query: { queue: 'alert', limit: 50, ...place(get) } } })
  const n = alerts.data?.items.length ?? 0
  const view = get('view') || 'calendar'
  const tabs = [
    { id: 'calendar', text: t('日历', 'Calendar'), body: () => <Month /> },
    { id: 'overdue', text: t('逾期', 'Overdue'), body: () => <Overdue /> },
    { id: 'alerts', text: <>{t('关注预警', 'Alerts')}{n > 0 && <Badge tone="danger">{alerts.data?.next ? `${n}+` : n}</Badge>}</>, body: () => <Alerts /> },
    ...(plans ? [{ id: 'plans', text: t('走访计划', 'Plans'), body: () => <Plans /> }] : []),
  ]
  return (
    <Page title={t('走访', 'Visits')} actions={<ButtonLink href="/visits/review"><ListChecks size={16} aria-hidden />{t('审核到访凭证', 'Review proofs')}</ButtonLink>}>
      {alerts.error ? <Failure error={alerts.error} retry={() => void alerts.refetch()} /> : (
        <>
          <VisitFilters view={view} />
          <Tabs label={t('走访', 'Visits')} tabs={tabs} selected={tabs.some((x) => x.id === view) ? view : 'calendar'} onSelect={(v) => put({ view: v === 'calendar' ? '' : v })} />
        </>
      )}
      {get('visit') && <VisitDialog id={get('visit')} onClose={() => put({ visit: '' })} />}
    </Page>
  )
}

/** place is the area and the cell of the address, as the lists of the API take them. */
export function place(get: (name: string) => string) {
  return { ...(get('area') ? { area: get('area') } : {}), ...(get('cell') ? { cell: get('cell') } : {}) }
}

function VisitFilters({ view }: { view: string }) {
  const t = useT()
  const { get, put } = useFilters()
  const mayPlans = useAccount().roles.some((r) => planners.includes(r))
  const street = useStreet()
  const tagName = useTagNames(street)
  const cells = useCells(useCommunity())
  const plans = usePlans(mayPlans && view === 'calendar')
  const people = useMemo(() => {
    const by = new Map<string, string>()
    for (const c of cells ?? []) if (!get('cell') || c.code === get('cell')) for (const s of c.staff ?? []) if (s.account.id) by.set(s.account.id, s.account.name)
    return [...by].map(([id, text]) => ({ id, text }))
  }, [cells, get('cell')])
  const all = { id: '', text: t('全部', 'All') }
  const planText = (p: { title: string; terms: { tag: string | null; inForce: boolean }[] }) => {
    const tag = (p.terms.find((x) => x.inForce) ?? p.terms.at(-1))?.tag
    return tag ? `${p.title} · ${tagName(tag)}` : p.title
  }
  return (
    <Filters label={t('筛选', 'Filters')}>
      <AreaFilter />
      {view === 'calendar' && plans.data && plans.data.items.length > 0 && (
        <Select label={t('计划与标签', 'Plan and tag')} value={get('plan')} onChange={(plan) => put({ plan })} options={[all, ...plans.data.items.map((p) => ({ id: p.id, text: planText(p) }))]} />
      )}
      {view === 'calendar' && people.length > 0 && (
        <Select label={t('走访人（已到访的）', 'Visited by')} value={get('by')} onChange={(by) => put({ by })} options={[all, ...people]} />
      )}
    </Filters>
  )
}

function Month() {
  const t = useT()
  const f = useFormats()
  const { get, put } = useFilters()
  const day = isDay(get('day')) ? get('day') : ''
  const month = isMonth(get('month')) ? get('month') : (day || today()).slice(0, 7)
  const narrow = { ...place(get), ...(get('plan') ? { plan: get('plan') } : {}), ...(get('by') ? { by: get('by') } : {}) }
  const asked = useMonth(month, narrow)
  // Without a choice the day is the last one up to now on which visits begin, else the first that has any.
  const days = [...asked.byDay.keys()]
  const chosen = day.startsWith(month) ? day : (days.findLast((d) => d <= today()) ?? days[0] ?? month + '-01')
  const all = useMemo(() => tally(asked.visits ?? []), [asked.visits])
  if (asked.error && !asked.visits) return <Failure error={asked.error} retry={() => void asked.refetch()} />
  const counted = asked.visits && !asked.loading
  const figure = (n: number) => (counted ? f.number(n) : '—')
  const share = all.due - all.open > 0 ? Math.round((all.met / (all.due - all.open)) * 100) : null
  return (
    <div className={css.stack}>
      <dl className={css.figures}>
        <Figure name={t('应访', 'Due')} value={figure(all.due)} />
        <Figure name={t('见到', 'Met')} value={figure(all.met)} />
        <Figure name={t('未见到', 'Not met')} value={figure(all.unmet)} />
        <Figure name={t('逾期', 'Overdue')} value={figure(all.overdue)} alarm={all.overdue > 0} />
        <Figure name={t('走访率（已到期的）', 'Coverage of what is over')} value={share === null || !counted ? '—' : `${share}%`} />
      </dl>
      {asked.more && (
        <Notice tone="warn">
          {t(`本月走访很多，只统计到 ${asked.until}。可先选社区或网格，或`, `There are many visits this month: they are counted up to ${asked.until}. Choose a community or cell, or `)}
          <Button size="small" onPress={asked.more} isPending={asked.isFetchingNextPage}>{t('继续统计', 'count on')}</Button>
        </Notice>
      )}
      <div className={css.split}>
        <div className={css.left} aria-busy={asked.isPending || asked.loading}>
          <Calendar month={month} day={chosen} tallies={asked.tallies} until={asked.until} onMonth={(m) => put({ month: m === today().slice(0, 7) ? '' : m, day: '', show: '' })} onDay={(d) => put({ day: d, month: d.startsWith(today().slice(0, 7)) ? '' : month, show: '' })} />
        </div>
        <Card className={css.right}>
          {asked.visits ? <DayList key={chosen} day={chosen} visits={asked.byDay.get(chosen) ?? []} unknown={!!asked.until && chosen > asked.until} /> : <Skeleton />}
        </Card>
      </div>
    </div>
  )
}

function Figure({ name, value, alarm }: { name: string; value: string; alarm?: boolean }) {
  return <div><dt>{name}</dt><dd className={alarm ? css.alarm : undefined}>{value}</dd></div>
}
