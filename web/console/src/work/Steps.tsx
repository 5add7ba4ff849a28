import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Card, Time } from '../ui'
import { placeText, type Ticket } from './ticket'
import css from './work.module.css'

/** Steps are what is asked and decided beside the ticket's own way: requests, departments called in, an offer to another street. */
export function Steps({ ticket }: { ticket: Ticket }) {
  return <><Requests ticket={ticket} /><Convened ticket={ticket} /><Offer ticket={ticket} /></>
}

function Requests({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  if (ticket.requests.length === 0) return null
  return (
    <Card title={t('退回与延期申请', 'Requests')}>
      <ul className={css.steps}>
        {ticket.requests.map((r) => (
          <li key={r.at + r.kind}>
            <div className={css.courseHead}><span className={css.when}><Time at={r.at} /></span><b>{word('TicketRequest', r.kind)}</b><Badge tone={r.state === 'open' ? 'warn' : r.state === 'granted' ? 'good' : 'plain'}>{word('TicketRequestState', r.state)}</Badge><span className="muted">{r.by?.name}</span></div>
            <p className={css.words}>{r.reason}</p>
            {r.facts && <p className={css.words}><span className="muted">{t('新情况：', 'What is new: ')}</span>{r.facts}</p>}
            {r.until && <p className="muted">{t('延至 ', 'Until ')}<Time at={r.until} /></p>}
            {r.steps.map((s) => <p key={s.at} className="muted">{s.by?.name} {word('TicketDecision', s.decision)} <Time at={s.at} />{s.reason && `：${s.reason}`}</p>)}
            {r.state === 'open' && r.dueAt && <p className="muted">{t('应在此前决定：', 'To be decided before ')}<Time at={r.dueAt} /></p>}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Convened({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  if (ticket.convened.length === 0) return null
  return (
    <Card title={t('吹哨部门', 'Departments called in')}>
      <ul className={css.steps}>
        {ticket.convened.map((c) => (
          <li key={c.at + c.organisation.id}>
            <div className={css.courseHead}><span className={css.when}><Time at={c.at} /></span><b>{c.organisation.name}</b><Badge tone={c.late ? 'danger' : c.state === 'attended' ? 'good' : 'warn'}>{word('TicketConvened', c.state)}</Badge></div>
            <p className={css.words}>{c.reason}</p>
            {c.why && <p className={css.words}><span className="muted">{t('不能报到：', 'Declined: ')}</span>{c.why}</p>}
            {c.dueAt && <p className="muted">{t('应报到：', 'Has to attend by ')}<Time at={c.dueAt} /></p>}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Offer({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  const o = ticket.offer
  if (!o) return null
  return (
    <Card title={t('转其他街道', 'Offered to another street')}>
      <div className={css.courseHead}><span className={css.when}><Time at={o.at} /></span><b>{placeText(o.place)}</b><Badge tone={o.late ? 'danger' : 'warn'}>{word('TicketOffer', o.state)}</Badge></div>
      {o.reason && <p className={css.words}>{o.reason}</p>}
      {o.refused && <p className={css.words}><span className="muted">{t('退回：', 'Given back: ')}</span>{o.refused.reason}</p>}
      {o.dueAt && <p className="muted">{t('应决定：', 'To be decided by ')}<Time at={o.dueAt} /></p>}
    </Card>
  )
}
