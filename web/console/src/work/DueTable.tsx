import { Check } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { $api, api, isProblem, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Button, said, Table, Time, type Column } from '../ui'
import { useAfresh, useDeed } from './deed'
import { placeOf } from './paths'
import { Due, StateBadge } from './ticket'
import css from './work.module.css'

type Item = Schemas['DueItem']

const shorter = (to: string | undefined, text: string, title?: string) => (to ? <Link to={to} title={title ?? text}>{text}</Link> : <b title={title}>{text}</b>)

/** DueTable is the reader's day: what falls due, the first first. */
export function DueTable({ day }: { day: Schemas['Today'] }) {
  const t = useT()
  const word = useWords()
  const name = (i: Item) => i.title || i.address || word('DueKind', i.kind)
  const columns: Column<Item>[] = [
    { id: 'title', name: t('事项', 'What'), width: 'minmax(240px, 2fr)', main: true, show: (i) => <span className={css.titleCell}>{shorter(i.kind === 'todo' ? placeOf(i.about) : placeOf({ kind: i.kind, id: i.id }), name(i))}</span> },
    { id: 'kind', name: t('种类', 'Kind'), width: '92px', show: (i) => <Badge tone={i.kind === 'ticket' ? 'accent' : i.kind === 'visit' ? 'info' : 'plain'}>{word('DueKind', i.kind)}</Badge> },
    { id: 'due', name: t('时限', 'Due'), width: t('136px', '152px'), show: (i) => (i.dueAt ? <Due at={i.dueAt} over={i.overdue} /> : null) },
    { id: 'todo', name: t('要办的', 'To do'), width: t('minmax(110px, 0.8fr)', 'minmax(140px, 1fr)'), show: (i) => (i.todos.length ? i.todos.map((x) => word('TicketTodo', x)).join('、') : null) },
    { id: 'state', name: t('状态', 'State'), width: '120px', show: (i) => (i.kind === 'ticket' && i.state ? <StateBadge state={i.state} /> : i.kind === 'visit' && i.state ? <Badge>{word('VisitState', i.state)}</Badge> : null) },
    { id: 'address', name: t('地点', 'Place'), width: 'minmax(150px, 1.2fr)', show: (i) => (i.address && i.address !== name(i) ? <span title={i.address}>{i.address}</span> : null) },
    { id: 'number', name: t('受理编号', 'Number'), width: '188px', show: (i) => (i.number ? <span className="mono">{i.number}</span> : null) },
  ]
  return (
    <>
      <Table label={t('今日', 'Today')} columns={columns} rows={day.items} idOf={(i) => i.kind + i.id} nameOf={name} />
      {day.more.length > 0 && <p className="muted">{t('还有更多：', 'There is more: ')}{day.more.map((m, i) => <span key={m.kind}>{i > 0 && ' · '}{m.kind === 'ticket' ? <Link to="/tickets?overdue=true">{word('DueKind', m.kind)}</Link> : m.kind === 'visit' ? <Link to="/visits">{word('DueKind', m.kind)}</Link> : m.kind === 'todo' ? <Link to="/todo?queue=told">{word('DueKind', m.kind)}</Link> : word('DueKind', m.kind)}</span>)}</p>}
    </>
  )
}

type Todo = Schemas['Todo']

/** TodoTable is what the reader is asked and told; each is done with when they say so, or when its matter is. */
export function TodoTable({ rows, more, loading }: { rows: Todo[]; more?: () => void; loading?: boolean }) {
  const t = useT()
  const columns: Column<Todo>[] = [
    { id: 'text', name: t('提醒', 'Reminder'), width: 'minmax(220px, 1.4fr)', main: true, show: (r) => <span className={css.titleCell}>{shorter(placeOf(r.about), r.text)}</span> },
    { id: 'about', name: t('事项', 'About'), width: 'minmax(220px, 1.6fr)', show: (r) => <About thing={r.about} /> },
    { id: 'at', name: t('时间', 'When'), width: '130px', show: (r) => <Time at={r.at} /> },
    { id: 'done', name: t('办结', 'Done'), width: '128px', show: (r) => <Finish todo={r} /> },
  ]
  return <Table label={t('提醒', 'Reminders')} columns={columns} rows={rows} idOf={(r) => r.id} nameOf={(r) => r.text} more={more} loading={loading} />
}

/** About is what a reminder is about, in its own words where that is a ticket. */
function About({ thing }: { thing: Todo['about'] }) {
  const ticket = $api.useQuery('get', '/v1/tickets/{id}', { params: { path: { id: thing?.id ?? '' } } }, { enabled: thing?.kind === 'ticket', staleTime: 300_000 })
  if (!ticket.data) return null
  return <span className={css.aboutCell}>{ticket.data.title}<StateBadge state={ticket.data.state} /></span>
}

function Finish({ todo }: { todo: Todo }) {
  const t = useT()
  const afresh = useAfresh()
  const deed = useDeed()
  const [busy, setBusy] = useState(false)
  const finish = async () => {
    setBusy(true)
    try {
      const { error } = await api.POST('/v1/me/todo/{id}/done', { params: { path: { id: todo.id }, header: deed(todo.id) } })
      if (isProblem(error)) said(error.detail)
      afresh('/v1/me/todo', '/v1/me/today')
    } catch {
      said(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
    }
    setBusy(false)
  }
  return <Button size="small" isPending={busy} onPress={() => void finish()}><Check size={14} aria-hidden />{t('知道了', 'Done')}</Button>
}
