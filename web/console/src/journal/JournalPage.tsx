import { History, ShieldAlert, X } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { $api, isProblem, useAccount, type Schemas } from '../api'
import { usePages } from '../api/pages'
import { begun, useWordList, useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Blank, Button, Dialog, Failure, Filters, Loaded, Notice, Page, PickList, Select, Table, Tabs, TextField, useFilters, type Column } from '../ui'
import { addDays, isDay, startOf } from '../visits/month'
import { placeOf, placeOfPath } from '../work/paths'
import css from './journal.module.css'

type Entry = Schemas['JournalEntry']

// The words that a thing's states are in.
const states: Record<string, string> = {
  ticket: 'TicketState', 'intake-case': 'IntakeCaseState', 'home-call': 'HomeCallState', rectification: 'RectificationState', visit: 'VisitState', stop: 'StopState', promise: 'PromiseState', 'visit-plan': 'PlanState',
}

/** JournalPage is who did what to what, and when, the latest first; and apart, who looked at personal data, and what for. */
export default function JournalPage() {
  const t = useT()
  const { get, put } = useFilters()
  const looks = get('view') === 'looks'
  const tabs = [
    { id: 'all', text: t('全部', 'Everything'), body: () => <List looks={false} /> },
    { id: 'looks', text: <><ShieldAlert size={15} aria-hidden />{t('查看个人信息', 'Looks at personal data')}</>, body: () => <List looks /> },
  ]
  return (
    <Page title={t('流水', 'Journal')} about={t('谁在何时做了什么，新的在前。只增不改。', 'Who did what, and when, the latest first. It is only ever added to.')}>
      <JournalFilters />
      <Tabs label={t('流水', 'Journal')} tabs={tabs} selected={looks ? 'looks' : 'all'} onSelect={(v) => put({ view: v === 'looks' ? v : '' })} />
    </Page>
  )
}

function JournalFilters() {
  const t = useT()
  const { get, put } = useFilters()
  const { roles } = useAccount()
  const things = useWordList('JournalThing')
  const [picking, setPicking] = useState(false)
  const all = { id: '', text: t('全部', 'All') }
  const streets = $api.useQuery('get', '/v1/areas', { params: { query: { level: 'street', limit: 500 } } }, { enabled: roles.includes('admin'), staleTime: 300_000 })
  const chips: [name: string, text: string][] = [['actor', get('who') || get('actor')], ['action', get('did') || get('action')], ['id', get('what') || get('id')]]
  return (
    <>
      <Filters label={t('筛选', 'Filters')}>
        {streets.data && <Select label={t('街道', 'Street')} value={get('street')} onChange={(street) => put({ street })} options={[all, ...streets.data.items.map((a) => ({ id: a.code, text: a.name }))]} />}
        <Select label={t('对象', 'About')} value={get('thing')} onChange={(thing) => put({ thing, id: '', what: '' })} options={[all, ...things]} />
        <TextField label={t('从', 'From')} type="date" value={get('from')} onChange={(from) => put({ from }, { replace: true })} />
        <TextField label={t('到', 'To')} type="date" value={get('to')} onChange={(to) => put({ to }, { replace: true })} />
        <div className={css.pick}><Button onPress={() => setPicking(true)}>{t('选择人员', 'Choose a person')}</Button></div>
      </Filters>
      {chips.some(([, text]) => text) && (
        <ul className={css.chips} aria-label={t('正在筛选', 'Narrowed by')}>
          {chips.filter(([, text]) => text).map(([name, text]) => (
            <li key={name}>
              {text}
              <Button variant="quiet" icon size="small" aria-label={t(`取消“${text}”`, `Without “${text}”`)} onPress={() => put(name === 'actor' ? { actor: '', who: '' } : name === 'action' ? { action: '', did: '' } : { id: '', what: '' })}><X size={14} /></Button>
            </li>
          ))}
        </ul>
      )}
      {picking && <Person onPick={(actor, who) => { put({ actor, who }); setPicking(false) }} onClose={() => setPicking(false)} />}
    </>
  )
}

/** Person finds somebody by how the name begins. */
function Person({ onPick, onClose }: { onPick: (id: string, name: string) => void; onClose: () => void }) {
  const t = useT()
  const [q, setQ] = useState('')
  const found = $api.useQuery('get', '/v1/accounts', { params: { query: { q: q.trim(), limit: 20 } } }, { enabled: q.trim().length >= 2 })
  const word = useWords()
  const people = q.trim().length >= 2 ? (found.data?.items ?? []) : []
  return (
    <Dialog title={t('选择人员', 'Choose a person')} onClose={onClose}>
      <PickList label={t('人员', 'Person')} find={t('姓名或用户名的开头，至少两个字', 'How the name begins: two characters at least')} onSearch={setQ} chosen={[]} onChoose={([id]) => { const a = people.find((p) => p.id === id); if (a) onPick(a.id, a.name) }}
        options={people.map((a) => ({ id: a.id, text: a.name, about: a.roles.map((r) => word('Role', r)).join('、') }))}
        empty={q.trim().length < 2 ? t('输入姓名查找', 'Type a name') : found.isFetching ? t('正在查找', 'Looking') : t('没有找到', 'Nobody is found')} />
    </Dialog>
  )
}

function List({ looks }: { looks: boolean }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const { get, put, query } = useFilters()
  const some = (name: string) => get(name) || undefined
  const list = usePages<Entry>('/v1/journal', {}, {
    limit: 50, street: some('street'), actor: some('actor'), thing: some('thing'), id: get('thing') ? some('id') : undefined, action: some('action'), reveals: looks || undefined,
    from: isDay(get('from')) ? startOf(get('from')) : undefined, to: isDay(get('to')) ? startOf(addDays(get('to'), 1)) : undefined,
  })
  const narrowed = (changes: Record<string, string>) => {
    const q = new URLSearchParams(query)
    for (const [k, v] of Object.entries(changes)) q.set(k, v)
    return `/journal?${q}`
  }
  const state = (e: Entry, s: string) => (states[e.thing.kind] ? word(states[e.thing.kind]!, s) : s)
  const thing = (e: Entry) => {
    const kind = word('JournalThing', e.thing.kind)
    const to = placeOf({ kind: e.thing.kind, id: e.thing.id }) ?? (e.thing.path ? placeOfPath(e.thing.path) : undefined)
    const name = e.thing.name ?? kind
    return <>{e.thing.name && <span className="muted">{kind} </span>}{to ? <Link to={to}>{name}</Link> : name}</>
  }
  const columns: Column<Entry>[] = [
    { id: 'at', name: t('时间', 'When'), width: '150px', show: (e) => <time dateTime={e.at} title={`#${e.number}`}>{f.time(e.at)}</time> },
    { id: 'who', name: t('何人', 'Who'), width: '130px', show: (e) => (e.actor?.id ? <Link to={narrowed({ actor: e.actor.id, who: e.actor.name })} title={t('只看此人', 'Only theirs')}>{e.actor.name}</Link> : <span className="muted">{e.actor?.name ?? t('系统', 'The program')}</span>) },
    { id: 'did', name: t('做了什么', 'Did what'), width: t('minmax(150px, 1fr)', 'minmax(220px, 1.4fr)'), main: true, show: (e) => <Link to={narrowed({ action: e.action, did: begun(e.text) })} title={t('只看此操作', 'Only this')}>{begun(e.text)}</Link> },
    { id: 'what', name: t('对象', 'About'), width: 'minmax(210px, 1.6fr)', show: thing },
    ...(looks
      ? [
          { id: 'fields', name: t('看了什么', 'Looked at'), width: '170px', show: (e: Entry) => e.fields?.map((x) => word('PersonField', x)).join('、') },
          { id: 'reason', name: t('用途', 'What for'), width: 'minmax(180px, 1.5fr)', show: (e: Entry) => e.reason },
        ]
      : [{ id: 'state', name: t('状态', 'State'), width: 'minmax(150px, 1fr)', show: (e: Entry) => e.to && (e.from && e.from !== e.to ? <>{state(e, e.from)} → <b>{state(e, e.to)}</b></> : state(e, e.to)) }]),
    { id: 'cell', name: t('网格', 'Cell'), width: 'minmax(120px, 1fr)', show: (e) => e.cell && <Link to={`/map?cell=${e.cell.code}`}>{e.cell.name}</Link> },
    { id: 'only', name: t('经过', 'History'), width: t('84px', '104px'), show: (e) => e.thing.id && e.thing.kind !== 'search' && <Button size="small" variant="quiet" onPress={() => put({ thing: e.thing.kind, id: e.thing.id!, what: e.thing.name ?? word('JournalThing', e.thing.kind) })}>{t('只看', 'Only it')}<span className="sr">{e.thing.name ?? word('JournalThing', e.thing.kind)}</span></Button> },
  ]
  const broad = isProblem(list.error) && list.error.code === 'too_broad'
  if (broad && !list.rows.length) return <Notice tone="warn">{t('符合条件的太分散，请缩小起止日期。', 'What is asked for is too scattered: narrow the days.')}</Notice>
  return (
    <Loaded of={list} lines={12}>
      {() =>
        list.rows.length === 0 ? (
          <Blank icon={<History size={36} strokeWidth={1.4} aria-hidden />} title={looks ? t('没有人查看过个人信息', 'Nobody looked at personal data') : t('没有符合条件的流水', 'No entry is like that')} />
        ) : (
          <>
            <Table label={t('流水', 'Journal')} columns={columns} rows={list.rows} idOf={(e) => `${e.street?.code ?? ''}-${e.number}`} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} />
            {broad && <Notice tone="warn">{t('再往前太分散，请缩小起止日期。', 'Further back it is too scattered: narrow the days.')}</Notice>}
            {!broad && list.error !== null && <Failure error={list.error} />}
          </>
        )
      }
    </Loaded>
  )
}
