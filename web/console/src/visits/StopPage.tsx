import { Link, useParams } from 'wouter'
import { $api } from '../api'
import { useWords } from '../api/words'
import { useLanguage, useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { placeOf } from '../work/paths'
import { Badge, ButtonLink, Card, Facts, Failure, Page, Skeleton } from '../ui'
import { useTagNames } from './data'
import { Answers, Photos, Proof, ProofBadge, Review, StopFacts, Within, type Stop } from './StopDetail'
import css from './stop.module.css'

/** StopPage is one knock on a door: its proof, the visits that it was for, and what came of it. */
export default function StopPage() {
  const t = useT()
  const { id } = useParams<{ id: string }>()
  const stop = $api.useQuery('get', '/v1/stops/{id}', { params: { path: { id } } })
  if (!stop.data) return <Page title={t('到访', 'Stop')}>{stop.error ? <Failure error={stop.error} retry={() => void stop.refetch()} /> : <Skeleton lines={8} />}</Page>
  return <Body stop={stop.data} />
}

function Body({ stop }: { stop: Stop }) {
  const t = useT()
  const f = useFormats()
  const household = stop.household
  return (
    <Page title={household?.address.text ?? stop.address?.text ?? t('到访', 'Stop')} about={<span className={css.about}>{f.time(stop.at)} · {stop.by?.name} <ProofBadge stop={stop} /></span>} actions={<ButtonLink href="/visits/review">{t('待审核的凭证', 'Proofs to review')}</ButtonLink>}>
      <div className={css.split}>
        <div className={css.column}>
          <Card title={t('到访凭证', 'Proof of the visit')}><Proof stop={stop} /></Card>
          {(stop.allowed.includes('review') || stop.alert) && <Card title={t('审核', 'Review')}><Review stop={stop} /></Card>}
          {stop.photos.length > 0 && <Card title={t('照片', 'Photos')}><Photos ids={stop.photos} /></Card>}
        </div>
        <div className={css.column}>
          <Card title={t('到访', 'Stop')}><StopFacts stop={stop} /></Card>
          <Card title={t('所含走访', 'Visits within')}><Within stop={stop} /></Card>
          {stop.answers && Object.keys(stop.answers).length > 0 && <Card title={t('走访表', 'Forms')}><Answers stop={stop} /></Card>}
          <Came stop={stop} />
          {household && <Household id={household.id} stop={stop.id} />}
        </div>
      </div>
    </Page>
  )
}

/** Came is what came of the stop: needs, promises, and aid that was given. */
function Came({ stop }: { stop: Stop }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  if (!stop.needs.length && !stop.promises?.length && !stop.aids?.length) return null
  return (
    <Card title={t('诉求、承诺与帮扶', 'Needs, promises and aid')}>
      <ul className={css.list2}>
        {stop.needs.map((n) => {
          const to = placeOf(n.opened)
          const name = n.title || n.opened?.number || t('敏感事项', 'A sensitive matter')
          return (
            <li key={n.id}>
              <span className="muted">{n.opened?.kind === 'case' ? t('受理件', 'Case') : t('工单', 'Ticket')}</span>
              {to ? <Link to={to}>{name}</Link> : <span>{name}</span>}
              {n.opened?.state && <Badge>{word(n.opened.kind === 'case' ? 'IntakeCaseState' : 'TicketState', n.opened.state)}</Badge>}
              {n.note && <span className="muted">{n.note}</span>}
            </li>
          )
        })}
        {(stop.promises ?? []).map((p) => (
          <li key={p.id}>
            <span className="muted">{t('承诺', 'Promise')}</span><span>{p.text}</span>
            <Badge tone={p.overdue ? 'danger' : p.state === 'kept' ? 'good' : 'plain'}>{p.overdue ? t('逾期', 'Overdue') : word('PromiseState', p.state)}</Badge>
            <span className="muted">{f.date(p.dueOn)}</span>
          </li>
        ))}
        {(stop.aids ?? []).map((a) => <li key={a.id}><span className="muted">{t('帮扶', 'Aid')}</span><span>{a.title}</span></li>)}
      </ul>
    </Card>
  )
}

/** Household is who lives there, as far as the reader may see, and the stops before and after this one. */
function Household({ id, stop }: { id: string; stop: string }) {
  const t = useT()
  const { lang } = useLanguage()
  const word = useWords()
  const f = useFormats()
  const household = $api.useQuery('get', '/v1/households/{id}', { params: { path: { id } } })
  const stops = $api.useQuery('get', '/v1/stops', { params: { query: { household: id, limit: 10 } } })
  const tagName = useTagNames(household.data?.place.street?.code ?? '')
  if (household.error) return null
  const h = household.data
  return (
    <Card title={t('住户', 'The household')}>
      <div className={css.column}>
        {h && (
          <Facts
            items={[
              [t('标签', 'Tags'), h.tags.length > 0 ? <span className={css.doubts}>{h.tags.map((x) => <Badge key={x.code} tone="accent">{tagName(x.code)}{x.level && ` · ${word('RiskLevel', x.level)}`}</Badge>)}</span> : null],
              [t('居住', 'Occupancy'), word('Occupancy', h.occupancy)],
              [t('成员', 'Members'), h.members.map((m) => m.name + (m.relation ? `（${m.relation}）` : '')).join(lang === 'en' ? ', ' : '、')],
              [t('紧急联系人', 'Emergency contact'), h.emergency && [h.emergency.name, h.emergency.phone].filter(Boolean).join(' ')],
              [t('最近见到', 'Last met'), h.lastVisitedAt && f.date(h.lastVisitedAt)],
            ]}
          />
        )}
        {stops.data && stops.data.items.length > 1 && (
          <div className={css.earlier}>
            <h3>{t('最近到访', 'Latest stops')}</h3>
            <ul className={css.list2}>
              {stops.data.items.map((s) => (
                <li key={s.id}>{s.id === stop ? <b>{f.time(s.at)}</b> : <Link to={`/stops/${s.id}`}>{f.time(s.at)}</Link>}<span className="muted">{s.by?.name} · {s.result ? word('VisitResult', s.result) : word('StopState', s.state)}</span>{s.proof.state && s.proof.state !== 'clear' && <ProofBadge stop={s} />}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Card>
  )
}
