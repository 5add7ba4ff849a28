import { Link } from 'wouter'
import { $api, useAccount, type Schemas } from '../api'
import { useT } from '../i18n'
import { Badge, Card, Notice, Time } from '../ui'
import { StateBadge, type Ticket } from './ticket'
import css from './work.module.css'

type Earlier = Schemas['EarlierTicket']

/** Context is what bears upon a ticket: what the same caller, the same household and neighbours have reported within a year. */
export function Context({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const { roles } = useAccount()
  const path = { params: { path: { id: ticket.id } } }
  const enabled = roles.some((r) => r !== 'handler' && r !== 'handler_lead' && r !== 'resident') // others do not see all of it
  const { data } = $api.useQuery('get', '/v1/tickets/{id}/reporter-context', path, { enabled })
  const followers = $api.useQuery('get', '/v1/tickets/{id}/followers', path, { enabled })
  if (!data) return null
  const seen = new Set<string>()
  const once = (list: Earlier[] | undefined) => (list ?? []).filter((x) => !seen.has(x.id) && seen.add(x.id))
  const parts: [string, Earlier[]][] = [
    [t('同一来电', 'The same caller'), once(data.caller?.last)],
    [t('同一住户', 'The same household'), once(data.household?.last)],
    [t(`${data.near.radiusM} 米之内`, `Within ${data.near.radiusM} m`), once(data.near.items)],
  ]
  const repeats = (data.caller?.repeats ?? 0) + (data.household?.repeats ?? 0)
  if (parts.every(([, list]) => list.length === 0) && !data.group && !followers.data?.count) return null
  return (
    <Card title={t('周边情况', 'What bears upon it')} actions={repeats > 0 && <Badge tone="warn">{t('重复诉求', 'A repeat')}</Badge>}>
      <div className={css.stack}>
        {data.group && <Notice tone="warn">{t(`群体诉求：30 天内 ${data.group.reporters} 人 ${data.group.tickets} 件同类`, `A group: ${data.group.reporters} people have reported ${data.group.tickets} of the same within 30 days`)}</Notice>}
        {parts.map(([name, list]) => list.length > 0 && (
          <div key={name}>
            <h3>{name}</h3>
            <ul className={css.earlier}>{list.slice(0, 6).map((x) => <li key={x.id}><Link to={`/tickets/${x.id}`}>{x.title}</Link><StateBadge state={x.state} /><small className="muted"><Time at={x.createdAt} as="date" /></small></li>)}</ul>
          </div>
        ))}
        {!!followers.data?.count && <div><h3>{t(`${followers.data.count} 人关注`, `${followers.data.count} follow it`)}</h3>{followers.data.notes.map((n) => <p key={n.at} className={css.words}>{n.text}</p>)}</div>}
      </div>
    </Card>
  )
}
