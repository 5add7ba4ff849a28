import { Printer } from 'lucide-react'
import { Link, useParams } from 'wouter'
import { $api, isProblem } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Button, Card, Facts, Failure, Loaded, Notice, Page, Time } from '../ui'
import { ActionBar } from './actions/ActionBar'
import { useCategories } from './categories'
import { Clocks } from './Clocks'
import { Context } from './Context'
import { Course } from './Course'
import { Photos } from './Photos'
import { Related } from './Related'
import { Reporter } from './Reporter'
import { Steps } from './Steps'
import { Due, isOpen, placeText, StateBadge, UrgencyBadge, type Ticket } from './ticket'
import css from './work.module.css'

export default function TicketPage() {
  const { id = '' } = useParams()
  const t = useT()
  const ticket = $api.useQuery('get', '/v1/tickets/{id}', { params: { path: { id } } })
  const gone = isProblem(ticket.error) && ticket.error.status === 404 // it has gone where the reader does not see it
  if (gone) return <Page title={t('工单', 'Ticket')}><Failure error={ticket.error} /></Page>
  if (ticket.data) return <Shown key={id} ticket={ticket.data} />
  return <Page title={t('工单', 'Ticket')}><Loaded of={ticket} lines={10}>{() => null}</Loaded></Page>
}

function Shown({ ticket }: { ticket: Ticket }) {
  const t = useT()
  return (
    <Page title={ticket.title} about={<Line ticket={ticket} />} actions={<Button variant="quiet" className={css.atDesk} onPress={() => window.print()}><Printer size={16} aria-hidden />{t('打印', 'Print')}</Button>}>
      <ActionBar ticket={ticket} />
      <Told ticket={ticket} />
      <div className={css.columns}>
        <div className={css.column}>
          <What ticket={ticket} />
          <Course ticket={ticket} />
        </div>
        <div className={css.column}>
          <Clocks ticket={ticket} />
          <Who ticket={ticket} />
          <Steps ticket={ticket} />
          <Reporter ticket={ticket} />
          <Related ticket={ticket} />
          <Context ticket={ticket} />
        </div>
      </div>
    </Page>
  )
}

/** Line is what a ticket is in one line: its number, its state, how urgent it is and how long there is. */
function Line({ ticket }: { ticket: Ticket }) {
  const t = useT()
  return (
    <span className={css.line}>
      <StateBadge state={ticket.state} />
      <UrgencyBadge urgency={ticket.urgency} />
      {ticket.overdue && <Badge tone="danger">{t('超期', 'Overdue')}</Badge>}
      {ticket.supervised.length > 0 && <Badge tone="danger">{t('督办', 'Supervised')}</Badge>}
      {ticket.backlog && <Badge tone="warn">{t('挂账', 'Backlog')}</Badge>}
      {ticket.escalated && <Badge tone="warn">{t('已上报街道', 'With the street')}</Badge>}
      {ticket.triage && <Badge tone="warn">{t('待分派网格', 'Outside every cell')}</Badge>}
      {isOpen(ticket) && ticket.dueAt && <span className="num"><Due at={ticket.dueAt} over={ticket.overdue} /></span>}
      <span className="mono">{ticket.number}</span>
    </span>
  )
}

/** Told is what must be known before anything is done with it. */
function Told({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  return (
    <>
      {ticket.mergedLead && <Notice>{t('已并案，由主件办理：', 'Merged; what is worked on is ')}{ticket.mergedLead.id ? <Link to={`/tickets/${ticket.mergedLead.id}`}>{ticket.mergedLead.number}</Link> : t('另一工单', 'another ticket')}{t(`（${word('TicketState', ticket.mergedLead.state)}）`, ` (${word('TicketState', ticket.mergedLead.state)})`)}</Notice>}
      {ticket.question && (
        <Notice tone="warn">
          <p>{t('等待上报人补充：', 'Waiting for the reporter: ')}{ticket.question.text}</p>
          {ticket.question.lapsesAt && <p>{t('逾期照常办理：', 'It goes on without an answer ')}<Time at={ticket.question.lapsesAt} /></p>}
        </Notice>
      )}
      {ticket.backlog && <Notice tone="warn"><p>{t('挂账措施：', 'Meanwhile: ')}{ticket.backlog.measures}</p><p>{ticket.backlog.due ? t('已到复核，待决定', 'Its review is due') : <>{t('复核：', 'Review: ')}<Time at={ticket.backlog.reviewAt} as="date" /></>}</p></Notice>}
      {ticket.state === 'suspended' && ticket.resumeAt && !ticket.backlog && <Notice tone="warn">{t('挂起至 ', 'Suspended until ')}<Time at={ticket.resumeAt} /></Notice>}
      {ticket.returned && <Notice tone="warn">{t('退回待重新派遣：', 'Came back to be dispatched again: ')}{word('ReturnedWhy', ticket.returned.why)}{ticket.returned.from?.name && ` · ${ticket.returned.from.name}`}{ticket.returned.reason && ` · ${ticket.returned.reason}`}</Notice>}
      {ticket.said && <Notice tone={ticket.said.solved ? 'good' : 'danger'}>{ticket.said.solved ? t('上报人：已解决', 'The reporter: solved') : t('上报人：未解决', 'The reporter: not solved')}{ticket.said.words && ` · ${ticket.said.words}`}</Notice>}
      {ticket.supervised.map((s) => <Notice key={s.at} tone="danger">{t('督办 ', 'Supervised ')}<Time at={s.at} />{s.reason && `：${s.reason}`}</Notice>)}
    </>
  )
}

/** What is what was reported: what it is about, where it lies, and its photos. */
function What({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  const categories = useCategories(ticket.place.street?.code)
  const condition = categories.all.find((c) => c.code === ticket.category)?.conditions.find((c) => c.code === ticket.condition)?.name
  const cell = ticket.place.cell?.code
  return (
    <Card title={t('诉求', 'What was reported')}>
      <div className={css.stack}>
        {ticket.description && <p className={css.words}>{ticket.description}</p>}
        <Facts items={[
          [t('类别', 'Category'), [categories.name(ticket.category), condition].filter(Boolean).join(' · ')],
          [t('性质', 'Kind'), word('TicketKind', ticket.kind)],
          [t('地点', 'Place'), ticket.address],
          [t('所属', 'Area'), <>{placeText(ticket.place)}{cell && <> <Link className={`${css.short} noprint`} to={`/map?cell=${encodeURIComponent(cell)}`}>{t('地图', 'Map')}</Link></>}</>],
          [t('上报', 'Reported'), <Time at={ticket.createdAt} />],
          [t('结案', 'Closed'), ticket.closedAt && <Time at={ticket.closedAt} />],
          [t('结果', 'Outcome'), ticket.outcome && [word('Outcome', ticket.outcome), ticket.verification && word('Verification', ticket.verification)].filter(Boolean).join(' · ')],
          [t('重开', 'Reopened'), ticket.reopened > 0 ? t(`${ticket.reopened} 次`, `${ticket.reopened} times`) : null],
          [t('催办', 'Urged'), ticket.urged.length > 0 ? <>{t(`${ticket.urged.length} 次，最近 `, `${ticket.urged.length} times, last `)}<Time at={ticket.urged.at(-1)!} /></> : null],
        ]} />
        <Photos ticket={ticket} />
      </div>
    </Card>
  )
}

/** Who is who has it to do, and who helps. */
function Who({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  if (!ticket.assignee && ticket.helpers.length === 0) return null
  return (
    <Card title={t('处置', 'Who handles it')}>
      <Facts items={[
        [t('主办', 'Assignee'), ticket.assignee && (ticket.assignee.name ?? word('AssigneeKind', ticket.assignee.kind))],
        ...ticket.helpers.map((h, i): [string, React.ReactNode] => [t('协办', 'Helper') + (i ? ` ${i + 1}` : ''), <>{h.name ?? word('AssigneeKind', h.kind)} <Badge>{word('TicketPart', h.part)}</Badge></>]),
      ]} />
    </Card>
  )
}
