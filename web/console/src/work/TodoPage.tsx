import { CheckCheck, Printer } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'
import { $api } from '../api'
import { usePages } from '../api/pages'
import { useWordList } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Blank, Button, Failure, Loaded, Page } from '../ui'
import { DueTable, TodoTable } from './DueTable'
import { type Ticket } from './ticket'
import { TicketTable } from './TicketTable'
import css from './work.module.css'

type Queue = { id: string; text: string; count?: number; more?: boolean }

/** TodoPage is what waits for the reader: today's work, the queues of tickets that they may see to, and what they are told. */
export default function TodoPage() {
  const t = useT()
  const [params] = useSearchParams()
  const today = $api.useQuery('get', '/v1/me/today', {})
  const counts = $api.useQuery('get', '/v1/tickets/counts', { params: { query: { by: 'todo' } } })
  const told = $api.useQuery('get', '/v1/me/todo', { params: { query: { open: true, limit: 100 } } })
  const words = useWordList('TicketTodo')
  const known = counts.data?.counts ?? {}
  const asked = params.get('queue') ?? 'today'
  const queues: Queue[] = [
    { id: 'today', text: t('今日', 'Today'), count: today.data?.items.length, more: !!today.data?.more.length },
    ...words.filter((w) => known[w.id] || w.id === asked).map((w) => ({ id: w.id, text: w.text, count: counts.data ? (known[w.id] ?? 0) : undefined })),
    { id: 'told', text: t('提醒', 'Reminders'), count: told.data?.items.length, more: !!told.data?.next },
  ]
  const at = queues.find((q) => q.id === asked)
  return (
    <Page title={t('待办', 'To do')} about={at && at.id !== 'today' ? at.text : today.data?.date} actions={<Button variant="quiet" className={css.atDesk} onPress={() => window.print()}><Printer size={16} aria-hidden />{t('打印', 'Print')}</Button>}>
      {today.error && counts.error ? <Failure error={today.error} retry={() => { void today.refetch(); void counts.refetch(); void told.refetch() }} /> : (
        <>
          <Queues queues={queues} at={asked} />
          {asked === 'today' ? <Loaded of={today}>{(d) => d.items.length ? <DueTable day={d} /> : <Done />}</Loaded>
            : asked === 'told' ? <Told />
            : <Waiting key={asked} queue={asked} label={at?.text ?? asked} />}
        </>
      )}
    </Page>
  )
}

/** Queues are the lists that can be opened, each with how much waits in it. */
function Queues({ queues, at }: { queues: Queue[]; at: string }) {
  const t = useT()
  const f = useFormats()
  return (
    <nav className={`${css.queues} noprint`} aria-label={t('待办队列', 'Queues')}>
      {queues.map((q) => (
        <Link key={q.id} to={`/todo?queue=${q.id}`} className={css.queue} aria-current={q.id === at ? 'true' : undefined} data-none={q.count === 0 || undefined}>
          <b>{q.count === undefined ? '…' : f.number(q.count)}{q.more && '+'}</b>
          <span>{q.text}</span>
        </Link>
      ))}
    </nav>
  )
}

function Done() {
  const t = useT()
  return <Blank icon={<CheckCheck size={36} strokeWidth={1.4} aria-hidden />} title={t('都办完了', 'All done')}>{t('有新的会自动出现在这里', 'What is new appears here by itself')}</Blank>
}

/** Waiting is one queue of tickets. */
function Waiting({ queue, label }: { queue: string; label: string }) {
  const list = usePages<Ticket>('/v1/tickets', {}, { todo: queue, limit: 100 })
  return <Loaded of={list}>{() => list.rows.length ? <TicketTable label={label} rows={list.rows} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} /> : <Done />}</Loaded>
}

/** Told is what the reader is asked and told, until it is done. */
function Told() {
  const list = usePages<Parameters<typeof TodoTable>[0]['rows'][number]>('/v1/me/todo', {}, { open: true, limit: 100 })
  return <Loaded of={list}>{() => list.rows.length ? <TodoTable rows={list.rows} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} /> : <Done />}</Loaded>
}
