import { FileSearch } from 'lucide-react'
import { useEffect, useState } from 'react'
import { SearchField, Input, ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { Link } from 'wouter'
import { $api, paged, useAccount } from '../api'
import { useWords } from '../api/words'
import { AreaFilter } from '../app/areas'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Blank, Button, Checkbox, Filters, Loaded, Page, Select, Table, Time, useFilters, type Column } from '../ui'
import ui from '../ui/ui.module.css'
import css from './cases.module.css'
import { CaseBadge, useCaseName, useCounter, useStations, type Case } from './words'

const states = ['received', 'accepted', 'in_review', 'needs_material', 'done', 'collected', 'not_accepted', 'refused', 'withdrawn', 'other']
type State = 'received'

/** CasesPage is the list of matters taken at counters, by whatever one looks for. */
export default function CasesPage() {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const nameOf = useCaseName()
  const { roles } = useAccount()
  const { get, put } = useFilters()
  const stations = useStations()
  const station = (id: string | null | undefined) => stations.find((s) => s.id === id)?.name
  const some = (name: string, value: unknown) => (value ? { [name]: value } : {})
  const narrowed = {
    ...some('q', get('q')), ...some('area', get('area')), ...some('station', get('station')), ...some('category', get('category') && [get('category')]), ...some('item', get('item') && [get('item')]),
    ...some('overdue', get('overdue') && true), ...some('mine', get('mine') && true),
  }
  const state = states.includes(get('state')) ? (get('state') as State) : undefined
  const list = $api.useInfiniteQuery('get', '/v1/intake-cases', { params: { query: { ...narrowed, ...(state ? { state: [state] } : {}), limit: 50 } } }, paged)
  const counts = $api.useQuery('get', '/v1/intake-cases/counts', { params: { query: { ...narrowed, by: 'state' } } }, { placeholderData: (before) => before })
  const { category: _, item: __, ...withoutItem } = narrowed as Record<string, unknown>
  const categories = $api.useQuery('get', '/v1/intake-cases/counts', { params: { query: { ...withoutItem, by: 'category' } } }, { placeholderData: (before) => before })
  const n = counts.data?.counts ?? {}
  const all = { id: '', text: t('全部', 'All') }
  const columns: Column<Case>[] = [
    { id: 'item', name: t('事项', 'Matter'), width: 'minmax(170px, 2fr)', main: true, show: (c) => <Link to={`/cases/${c.id}`}>{nameOf(c)}</Link> },
    { id: 'state', name: t('状态', 'State'), width: t('104px', '136px'), show: (c) => <CaseBadge state={c.state} /> },
    { id: 'promised', name: t('承诺', 'Promised'), width: t('154px', '148px'), show: (c) => c.promisedOn && <span className={c.whole?.overdue ? css.late : undefined}>{f.date(c.promisedOn)}{c.whole?.overdue && <> <Badge tone="danger">{t('超期', 'Overdue')}</Badge></>}</span> },
    { id: 'number', name: t('编号', 'Number'), width: '186px', show: (c) => <span className="mono">{c.whole?.localNumber ?? c.number ?? '—'}</span> },
    { id: 'who', name: t('申请人', 'Applicant'), width: '88px', show: (c) => c.whole?.applicant.name },
    { id: 'where', name: t('社区', 'Community'), width: 'minmax(116px, 1fr)', show: (c) => c.whole?.place.community && <span title={c.whole.place.community.name}>{c.whole.place.community.name}</span> },
    { id: 'station', name: t('服务站', 'Station'), width: 'minmax(116px, 1fr)', show: (c) => c.whole?.station && <span title={station(c.whole.station)}>{station(c.whole.station)}</span> },
    { id: 'worker', name: t('经办', 'Worker'), width: '84px', show: (c) => c.whole?.worker?.name },
    { id: 'opened', name: t('收件', 'Opened'), width: '112px', show: (c) => c.whole && <Time at={c.whole.openedAt} /> },
  ]
  const filtered = !!state || Object.keys(narrowed).length > 0
  return (
    <Page title={t('受理件', 'Cases')} about={counts.data && t(`共 ${f.number(counts.data.total)} 件`, `${f.number(counts.data.total)} in all`)}>
      <Filters label={t('筛选', 'Filters')}>
        <Search value={get('q')} onSearch={(q) => put({ q })} />
        {!roles.includes('counter_worker') && <AreaFilter cells={false} />}
        {stations.length > 1 && <Select label={t('服务站', 'Station')} value={get('station')} onChange={(id) => put({ station: id })} options={[all, ...stations.map((s) => ({ id: s.id, text: s.name }))]} />}
        {categories.data && Object.keys(categories.data.counts).length > 1 && (
          <Select label={t('事项类别', 'Category')} value={get('category')} onChange={(c) => put({ category: c, item: '' })} options={[all, ...Object.entries(categories.data.counts).filter(([c]) => c).sort((a, b) => b[1] - a[1]).map(([c, k]) => ({ id: c, text: `${c} ${k}` }))]} />
        )}
        <div className={css.checks}>
          <Checkbox isSelected={!!get('overdue')} onChange={(on) => put({ overdue: on ? 'true' : '' })}>{t('超期', 'Overdue')}</Checkbox>
          <Mine />
        </div>
      </Filters>
      <ToggleButtonGroup className={css.chips} aria-label={t('按状态', 'By state')} selectionMode="single" disallowEmptySelection selectedKeys={[state ?? 'all']} onSelectionChange={(k) => put({ state: k.has('all') ? '' : String([...k][0]) })}>
        <ToggleButton id="all" className={css.chip}>{t('全部', 'All')} {f.number(Object.values(n).reduce((a, b) => a + b, 0))}</ToggleButton>
        {states.filter((s) => n[s] || s === state).map((s) => <ToggleButton key={s} id={s} className={css.chip}>{word('IntakeCaseState', s)} {f.number(n[s] ?? 0)}</ToggleButton>)}
      </ToggleButtonGroup>
      <Loaded of={{ ...list, data: list.data?.pages.flatMap((p) => p.items) as Case[] | undefined }} lines={10}>
        {(rows) =>
          rows.length === 0 ? (
            <Blank icon={<FileSearch size={36} strokeWidth={1.4} aria-hidden />} title={filtered ? t('没有符合条件的受理件', 'No case is like that') : t('没有受理件', 'There is no case')}
              action={filtered && <Button onPress={() => put({ q: '', area: '', station: '', category: '', item: '', overdue: '', mine: '', state: '' })}>{t('清除筛选', 'Clear the filters')}</Button>} />
          ) : (
            <Table label={t('受理件', 'Cases')} columns={columns} rows={rows} idOf={(c) => c.id} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} />
          )
        }
      </Loaded>
    </Page>
  )
}

function Mine() {
  const t = useT()
  const counter = useCounter()
  const { get, put } = useFilters()
  return counter && <Checkbox isSelected={!!get('mine')} onChange={(on) => put({ mine: on ? 'true' : '' })}>{t('本人经办', 'Mine')}</Checkbox>
}

/** Search is sent on Enter, or when it is cleared. */
function Search({ value, onSearch }: { value: string; onSearch: (q: string) => void }) {
  const t = useT()
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  return (
    <SearchField aria-label={t('搜索', 'Search')} className={`${ui.field} ${css.search}`} value={text} onChange={setText} onSubmit={(q) => onSearch(q.trim())} onClear={() => onSearch('')}>
      <span className={ui.label} aria-hidden>{t('搜索', 'Search')}</span>
      <Input className={ui.input} placeholder={t('完整编号，或事项名称', 'A whole number, or words of the matter')} maxLength={60} />
    </SearchField>
  )
}
