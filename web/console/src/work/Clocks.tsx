import { useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Card, Time } from '../ui'
import { Due, useNow, type Ticket } from './ticket'
import css from './work.module.css'

type Clock = NonNullable<Ticket['clocks']>[number]

/** Clocks are the deadlines of a ticket: those that run with what is left, those that are over with how they ended. */
export function Clocks({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  const clocks = ticket.clocks ?? []
  if (clocks.length === 0) return null
  const last = Math.max(...clocks.map((c) => c.round))
  const shown = clocks.filter((c) => c.round === last)
  return (
    <Card title={t('时限', 'Deadlines')} actions={ticket.judgement && <Badge tone={/overdue/i.test(ticket.judgement) ? 'danger' : ticket.judgement === 'exempt' ? 'plain' : 'good'}>{word('Judgement', ticket.judgement)}</Badge>}>
      <ul className={css.clocks}>{shown.map((c) => <Row key={c.kind + c.startedAt} clock={c} />)}</ul>
    </Card>
  )
}

function Row({ clock: c }: { clock: Clock }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const now = useNow()
  const over = c.metAt ?? null
  const runs = !over && !c.endedAs
  const [from, until] = [Date.parse(c.startedAt), c.dueAt ? Date.parse(c.dueAt) : Number.NaN]
  const gone = Math.min(1, Math.max(0, (now - from) / (until - from)))
  const late = c.dueAt && (over ? Date.parse(over) > until : runs && now > until)
  return (
    <li className={runs ? undefined : css.past}>
      <span>{word('ClockKind', c.kind)}{c.provisional && <small className="muted"> {t('暂定', 'provisional')}</small>}</span>
      <span className="num">
        {c.standsStillSince && runs ? t('停计中', 'stands still')
          : runs ? c.remaining?.workingDays != null && !late ? t(`剩 ${c.remaining.workingDays} 个工作日`, `${c.remaining.workingDays} working ${c.remaining.workingDays === 1 ? 'day' : 'days'} left`) : <Due at={c.dueAt} />
          : over ? <span className={late ? css.over : css.met}>{late ? t(`超 ${f.span((Date.parse(over) - until) / 1000)}`, `${f.span((Date.parse(over) - until) / 1000)} late`) : t('按时', 'in time')}</span>
          : word('ClockEnd', c.endedAs ?? '')}
      </span>
      {runs && Number.isFinite(gone) && !c.standsStillSince && <progress className={late ? css.late : undefined} value={gone} max={1} aria-label={t('已用时间', 'Time gone')} />}
      <small className="muted">{c.dueAt ? <>{t('截止 ', 'Due ')}<Time at={c.dueAt} /></> : null}{over && <>{c.dueAt && ' · '}{t('完成 ', 'Met ')}<Time at={over} /></>}{c.extendedBy.length > 0 && <> · {t('已延期', 'extended')}</>}</small>
    </li>
  )
}
