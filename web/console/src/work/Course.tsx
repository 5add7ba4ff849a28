import { Lock } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { $api, api, isProblem, useAccount, type Problem, type Schemas } from '../api'
import { usePages } from '../api/pages'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Button, Card, Checkbox, Loaded, Notice, TextField, Time } from '../ui'
import { useAfresh, useDeed, wrongsOf } from './deed'
import { type Ticket } from './ticket'
import css from './work.module.css'

type Event = Schemas['Timeline']['items'][number]

/** Course is what became of a ticket: each step with its words, the comments where they were written, and a place for another. */
export function Course({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const events = usePages<Event>('/v1/tickets/{id}/timeline', { id: ticket.id }, { limit: 100 })
  const comments = $api.useQuery('get', '/v1/tickets/{id}/comments', { params: { path: { id: ticket.id }, query: { limit: 500 } } })
  const { roles } = useAccount()
  const street = ticket.place.street?.code
  const organisations = $api.useQuery('get', '/v1/organisations', { params: { query: { area: street, limit: 200 } } }, { enabled: !!street && roles.some((r) => r !== 'handler' && r !== 'outreach_worker'), staleTime: 600_000 })
  const names = new Map([...(organisations.data?.items ?? []), ...ticket.helpers, ...(ticket.assignee ? [ticket.assignee] : [])].map((x) => [x.id, x.name]))
  const said = new Map(comments.data?.items.map((c) => [c.id, c]))
  return (
    <Card title={t('办理过程', 'What became of it')}>
      <Loaded of={events}>
        {() => (
          <>
            <ol className={css.course}>{events.rows.map((e) => <Entry key={e.number} event={e} comment={e.comment ? said.get(e.comment) : undefined} to={e.action === 'dispatch' && e.assignee ? names.get(e.assignee) : undefined} />)}</ol>
            {events.hasNextPage && <Button size="small" onPress={() => void events.fetchNextPage()} isPending={events.isFetchingNextPage}>{t('更多', 'More')}</Button>}
          </>
        )}
      </Loaded>
      <Write ticket={ticket} />
    </Card>
  )
}

function Entry({ event: e, comment, to }: { event: Event; comment?: Schemas['Comment']; to?: string }) {
  const t = useT()
  const word = useWords()
  const by = e.actor?.name ?? (e.by === 'system' ? '' : word('TimelineBy', e.by))
  const lines: [string, string | undefined][] = [[t('原因', 'Reason'), e.reason], [t('说明', 'Note'), e.note], [t('问', 'Asked'), e.question], [t('答', 'Answer'), e.answer], [t('措施', 'Measures'), e.measures]]
  return (
    <li className={e.by === 'system' ? css.bySystem : undefined} data-action={e.action}>
      <div className={css.courseHead}>
        <span className={css.when}><Time at={e.at} /></span>
        <b>{e.text}</b>
        {e.from !== e.to && e.to && e.from && <Badge>{word('TicketState', e.to)}</Badge>}
        <span className="muted">{by}{e.for && t(`（代 ${e.for.name}）`, ` (for ${e.for.name})`)}{e.helper?.name && e.helper.name !== by ? ` → ${e.helper.name}` : to && ` → ${to}`}</span>
      </div>
      {e.ticket && <p><Link to={`/tickets/${e.ticket.id}`}>{e.ticket.number}</Link></p>}
      {e.cells && <p className="muted">{e.cells.from?.name ?? t('网格外', 'outside')} → {e.cells.to?.name ?? t('网格外', 'outside')}</p>}
      {lines.map(([name, text]) => text && <p key={name} className={css.words}><span className="muted">{name}{t('：', ': ')}</span>{text}</p>)}
      {comment && <blockquote className={css.comment}>{comment.internal && <Badge tone="warn"><Lock size={11} aria-hidden />{t('内部', 'Internal')}</Badge>}<p className={css.words}>{comment.text}</p></blockquote>}
      {e.happened && <p className="muted">{t('发生于 ', 'Happened ')}<Time at={e.happened.at} />{e.happened.doubts.length > 0 && ` · ${e.happened.doubts.map((d) => word('ClockDoubt', d)).join('、')}`}</p>}
    </li>
  )
}

/** Write is where a comment is written. It stays what it is until it is sent. */
function Write({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const afresh = useAfresh()
  const deed = useDeed()
  const [text, setText] = useState('')
  const [internal, setInternal] = useState(true)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const [sent, setSent] = useState(0)
  const send = async () => {
    setBusy(true)
    setLost(false)
    setProblem(undefined)
    try {
      const body = { text: text.trim(), internal }
      const { data, error } = await api.POST('/v1/tickets/{id}/comments', { params: { path: { id: ticket.id }, header: deed([body, sent]) }, body }) // the same words later are another comment
      if (data) { setText(''); setSent(sent + 1) }
      else if (isProblem(error)) setProblem(error)
      afresh('/v1/tickets/{id}')
    } catch {
      setLost(true)
    }
    setBusy(false)
  }
  const wrong = wrongsOf(problem)['/text']
  return (
    <form className={`${css.write} noprint`} onSubmit={(e) => { e.preventDefault(); void send() }}>
      <TextField label={t('留言', 'Comment')} hideLabel placeholder={internal ? t('写给经办人的内部留言', 'A remark for those who work on it') : t('写给上报人与经办人的留言', 'A word to the reporter and those who work on it')} rows={2} maxLength={2000} value={text} onChange={setText} error={wrong} />
      {problem && !wrong && <Notice tone="danger">{problem.detail}</Notice>}
      {lost && <Notice tone="danger">{t('连接不上服务器，内容还在，请稍后再试', 'The server cannot be reached. What you wrote is still here: try again later')}</Notice>}
      <div className={css.writeFoot}>
        <Checkbox isSelected={internal} onChange={setInternal}>{t('仅内部可见', 'Internal')}</Checkbox>
        <Button type="submit" isPending={busy} isDisabled={!text.trim()}>{t('发送', 'Send')}</Button>
      </div>
    </form>
  )
}
