import { ChevronDown } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { useSearchParams } from 'wouter'
import { $api, useAccount, type Schemas } from '../api'
import { useWordList } from '../api/words'
import { useT } from '../i18n'
import { Button, Checkbox, Select, TextField, type Option } from '../ui'
import ui from '../ui/ui.module.css'
import { useCategories } from './categories'
import { openStates } from './ticket'
import css from './work.module.css'

/** Filters of the list of tickets, as they stand in the page's address. */
export type Filters = {
  q?: string; state?: string[]; category?: string[]; urgency?: string[]; source?: string[]; area?: string; cell?: string; assignee?: string; overdue?: boolean
  mark?: string; from?: string; to?: string; sort?: string
}

const marks = ['mine', 'escalated', 'backlog', 'triage', 'returned', 'offered'] as const

/** useFilters reads the filters from the address and writes them there, so that a view can be shared and Back works. */
export function useFilters(): [Filters, (change: Filters) => void] {
  const [params, setParams] = useSearchParams()
  const list = (name: string) => params.get(name)?.split(',').filter(Boolean)
  const filters: Filters = {
    q: params.get('q') ?? undefined, state: list('state'), category: list('category'), urgency: list('urgency'), source: list('source'), area: params.get('area') ?? undefined, cell: params.get('cell') ?? undefined, assignee: params.get('assignee') ?? undefined,
    overdue: params.get('overdue') === 'true' || undefined, mark: marks.find((m) => params.get(m) === 'true'), from: date(params.get('from')), to: date(params.get('to')), sort: params.get('sort') ?? undefined,
  }
  const set = (change: Filters) => {
    const next = { ...filters, ...change }
    const out = new URLSearchParams()
    for (const [name, value] of Object.entries(next)) {
      if (name === 'mark') { if (value) out.set(String(value), 'true') }
      else if (Array.isArray(value) ? value.length : value) out.set(name, String(value))
    }
    setParams(out)
  }
  return [filters, set]
}

const date = (v: string | null) => (v && /^\d{4}-\d\d-\d\d$/.test(v) && !Number.isNaN(Date.parse(v)) ? v : undefined)
const day = (d: string, plus = 0) => new Date(Date.parse(`${d}T00:00:00+08:00`) + plus * 86400_000).toISOString()

/** asked is what the API is asked by the filters; without a choice of states, what is open. */
export function asked(f: Filters) {
  const q = f.q && f.q.trim().length > 1 ? f.q.trim() : undefined
  const states = f.state?.[0] === 'all' ? undefined : (f.state ?? [...openStates])
  return {
    q, state: f.mark || (f.overdue && !f.state) ? f.state?.filter((s) => s !== 'all') : states, category: f.category, urgency: f.urgency as Schemas['UrgencyIn'][] | undefined, source: f.source as Schemas['TicketSourceIn'][] | undefined, area: f.cell ? undefined : f.area, cell: f.cell, assignee: f.assignee, overdue: f.overdue,
    from: f.from && day(f.from), to: f.to && day(f.to, 1), ...(f.mark && { [f.mark]: true }),
  }
}

/** howMany filters are set beside the words that are looked for. */
export const howMany = (f: Filters) => [f.state, f.category, f.urgency, f.source, f.area ?? f.cell, f.assignee, f.overdue, f.mark, f.from, f.to].filter(Boolean).length

/** Several picks some of a few things, in a menu that stays open. */
export function Several({ label, all, options, chosen, onChoose }: { label: string; all: string; options: Option[]; chosen: string[]; onChoose: (ids: string[]) => void }) {
  const names = options.filter((o) => chosen.includes(o.id)).map((o) => o.text)
  return (
    <div className={css.several}>
      <span className={ui.label}>{label}</span>
      <MenuTrigger>
        <Button className={`${ui.input} ${ui.select}`} aria-label={`${label}: ${names.join('、') || all}`}><span>{names.length > 2 ? `${names.slice(0, 2).join('、')} +${names.length - 2}` : names.join('、') || all}</span><ChevronDown size={16} aria-hidden /></Button>
        <Popover className={ui.popover}>
          <Menu aria-label={label} selectionMode="multiple" selectedKeys={chosen} onSelectionChange={(keys) => onChoose(keys === 'all' ? options.map((o) => o.id) : [...keys].map(String))} items={options}>
            {(o) => <MenuItem id={o.id} textValue={o.text} className={ui.option}>{({ isSelected }) => <><span className={css.menuTick} aria-hidden>{isSelected ? '✓' : ''}</span>{o.text}</>}</MenuItem>}
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  )
}

/** AreaSelect goes down the areas that the reader is granted, to the cells of a community. */
export function AreaSelect({ area, cell, onChoose }: { area?: string; cell?: string; onChoose: (c: { area?: string; cell?: string }) => void }) {
  const t = useT()
  const account = useAccount()
  const granted = account.grants.flatMap((g) => (g.area ? [g.area] : []))
  const at = area ?? (granted.length === 1 ? granted[0]!.code : undefined)
  const children = $api.useQuery('get', '/v1/areas', { params: { query: { parent: at, level: at ? undefined : 'county', limit: 200 } } }, { enabled: !at || at.length < 12, staleTime: 600_000 })
  const cells = $api.useQuery('get', '/v1/cells', { params: { query: { area: at, limit: 200 } } }, { enabled: at?.length === 12, staleTime: 600_000 })
  const chain = $api.useQuery('get', '/v1/areas/{code}', { params: { path: { code: area ?? '' } } }, { enabled: !!area, staleTime: 600_000 })
  if (account.roles.every((r) => r === 'handler' || r === 'handler_lead')) return null
  const parent = chain.data?.parent
  const options: Option[] = [{ id: '', text: t('全部管辖范围', 'All that is yours') }]
  const add = (id: string, text: string) => options.some((o) => o.id === id) || options.push({ id, text })
  for (const g of granted) if (granted.length > 1) add(g.code, g.name)
  if (parent && granted.some((g) => parent.startsWith(g.code) && parent !== g.code)) add(parent, t('上一级', 'One level up'))
  if (area) add(area, chain.data?.name ?? area)
  for (const c of children.data?.items ?? []) add(c.code, (area ? '　' : '') + c.name)
  for (const p of area ? [] : account.posts ?? []) if (p.cell) add('cell ' + p.cell.code, p.cell.name)
  for (const c of ((cells.data as Schemas['CellList'] | undefined)?.items ?? [])) add('cell ' + c.code, (area ? '　' : '') + c.name)
  if (cell && !options.some((o) => o.id === 'cell ' + cell)) add('cell ' + cell, cell)
  return <Select label={t('区划、网格', 'Area or cell')} options={options} value={cell ? 'cell ' + cell : (area ?? '')} onChange={(id) => onChoose(id.startsWith('cell ') ? { area, cell: id.slice(5) } : { area: id || undefined, cell: undefined })} />
}

/** Words is the search: it asks when the writer pauses. */
function Words({ value, onChange }: { value: string; onChange: (v: string) => void }) {
  const t = useT()
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = window.setTimeout(() => onChange(text), 350)
    return () => window.clearTimeout(timer)
  }, [text])
  return <TextField label={t('查找', 'Find')} placeholder={t('标题、地址或受理编号', 'Title, address or number')} type="search" value={text} onChange={setText} error={text.trim().length === 1 ? t('至少两个字', 'Two characters at least') : undefined} />
}

export function FilterBar({ filters: f, set }: { filters: Filters; set: (change: Filters) => void }) {
  const t = useT()
  const account = useAccount()
  const states = useWordList('TicketState')
  const sorts = useWordList('Sort')
  const urgencies = useWordList('Urgency')
  const sources = useWordList('TicketSource')
  const street = account.grants.find((g) => (g.area?.code.length ?? 0) >= 9)?.area?.code.slice(0, 9)
  const { offered } = useCategories(street)
  const organisations = $api.useQuery('get', '/v1/organisations', { params: { query: { area: street, limit: 200 } } }, { staleTime: 600_000, enabled: account.roles.some((r) => r !== 'handler' && r !== 'outreach_worker') })
  const marked: Option[] = [{ id: '', text: t('不限', 'Any') }, { id: 'mine', text: t('与我有关', 'Mine') }, { id: 'escalated', text: t('上报街道', 'Escalated') }, { id: 'backlog', text: t('挂账', 'Backlog') }, { id: 'triage', text: t('网格外', 'Outside every cell') }, { id: 'returned', text: t('退回待派', 'Came back') }, { id: 'offered', text: t('外街道转来', 'Offered by others') }]
  return (
    <div className={css.filters} role="search">
      <div className={css.wideField}><Words value={f.q ?? ''} onChange={(q) => set({ q })} /></div>
      <Several label={t('状态', 'State')} all={t('未办结', 'Open')} options={[{ id: 'all', text: t('全部（含已办结）', 'All, closed too') }, ...states]} chosen={f.state ?? []}
        onChoose={(ids) => set({ state: ids.includes('all') && !f.state?.includes('all') ? ['all'] : ids.filter((i) => i !== 'all') })} />
      <Several label={t('类别', 'Category')} all={t('全部类别', 'All')} options={offered.map((c) => ({ id: c.code, text: c.name }))} chosen={f.category ?? []} onChoose={(category) => set({ category })} />
      <Several label={t('紧急程度', 'Urgency')} all={t('不限', 'Any')} options={urgencies} chosen={f.urgency ?? []} onChoose={(urgency) => set({ urgency })} />
      <Several label={t('来源', 'Source')} all={t('不限', 'Any')} options={sources} chosen={f.source ?? []} onChoose={(source) => set({ source })} />
      <AreaSelect area={f.area} cell={f.cell} onChoose={(c) => set({ area: undefined, cell: undefined, ...c })} />
      <Select label={t('标记', 'Marked')} options={marked} value={f.mark ?? ''} onChange={(mark) => set({ mark: mark || undefined })} />
      {!!organisations.data?.items.length && <Select label={t('处置单位', 'Organisation')} options={[{ id: '', text: t('不限', 'Any') }, ...organisations.data.items.map((o) => ({ id: o.id, text: o.name })), ...(f.assignee && !organisations.data.items.some((o) => o.id === f.assignee) ? [{ id: f.assignee, text: t('指定人员', 'A person') }] : [])]} value={f.assignee ?? ''} onChange={(assignee) => set({ assignee: assignee || undefined })} />}
      <TextField label={t('上报自', 'Reported from')} type="date" value={f.from ?? ''} onChange={(from) => set({ from })} />
      <TextField label={t('至', 'to')} type="date" value={f.to ?? ''} onChange={(to) => set({ to })} />
      <Select label={t('排列', 'Order')} isDisabled={!!f.q} options={[{ id: '', text: f.overdue ? t('超期最久在前', 'The longest overdue first') : t('最近上报在前', 'The latest first') }, ...sorts.filter((s) => s.id !== '-createdAt' || f.overdue)]} value={f.sort ?? ''} onChange={(sort) => set({ sort: sort || undefined })} />
      <div className={css.checkField}><Checkbox isSelected={!!f.overdue} onChange={(overdue) => set({ overdue: overdue || undefined })}>{t('只看超期', 'Overdue only')}</Checkbox></div>
    </div>
  )
}
