import { type ReactNode } from 'react'
import { Link } from 'wouter'
import { $api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Card } from '../ui'
import { placeOf } from './paths'
import { StateBadge, type Ticket } from './ticket'
import css from './work.module.css'

/** Related is what a ticket hangs together with: links, the stop it came from, merges, and what it was split from or into. */
export function Related({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  const links = $api.useQuery('get', '/v1/tickets/{id}/links', { params: { path: { id: ticket.id } } })
  const merged = $api.useQuery('get', '/v1/tickets', { params: { query: { mergedInto: ticket.id, limit: 50 } } }, { enabled: !!ticket.mergedCount })
  const state = (l: Schemas['Link']['other']) => word(l.thing === 'ticket' ? 'TicketState' : l.thing === 'intake-case' ? 'IntakeCaseState' : l.thing === 'visit' ? 'VisitState' : 'StopState', l.state)
  const linked = links.data?.items ?? []
  const rows: ReactNode[] = [
    ...linked.map((l) => (
      <Row key={l.id} kind={word('LinkKind', l.kind)} to={placeOf({ kind: l.other.thing, id: l.other.id })} name={[word('LinkedThing', l.other.thing), l.other.number, l.other.about].filter(Boolean).join(' · ')} state={<Badge>{state(l.other)}</Badge>} />
    )),
    ...ticket.links.filter((l) => !linked.some((x) => x.other.id === l.id)).map((l) => <Row key={l.kind + l.id} kind={t('来源', 'Came from')} to={placeOf(l)} name={word('TicketLinkKind', l.kind)} />),
    ticket.parent && <Row key="parent" kind={t('拆自', 'Split off')} to={`/tickets/${ticket.parent.id}`} name={ticket.parent.number} state={<StateBadge state={ticket.parent.state} />} />,
    ...(ticket.children ?? []).map((c) => <Row key={c.id} kind={t('拆出', 'Split into')} to={`/tickets/${c.id}`} name={c.number} state={<StateBadge state={c.state} />} />),
    ...((merged.data?.items ?? []) as Ticket[]).map((m) => <Row key={m.id} kind={t('并入本件', 'Merged into this')} to={`/tickets/${m.id}`} name={`${m.number} · ${m.title}`} />),
  ].filter(Boolean)
  if (rows.length === 0) return null
  return <Card title={t('关联', 'Related')}><ul className={css.related}>{rows}</ul></Card>
}

function Row({ kind, to, name, state }: { kind: string; to?: string; name: string; state?: ReactNode }) {
  return <li><span className="muted">{kind}</span><span className="break">{to ? <Link to={to}>{name}</Link> : name}</span>{state}</li>
}
