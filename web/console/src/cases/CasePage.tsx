import { useState } from 'react'
import { Link, useParams } from 'wouter'
import { $api, session } from '../api'
import { useWords } from '../api/words'
import { Linked } from '../app/Linked'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { placeOf } from '../work/paths'
import { Badge, Button, ButtonLink, Card, Facts, Failure, Notice, Page, Skeleton } from '../ui'
import { ActionForm, NewTicket, Trip } from './actions'
import css from './cases.module.css'
import { Applicant, Matter } from './reveal'
import { Timeline } from './Timeline'
import { CaseBadge, useCaseName, useCounter, useStations, type Case } from './words'

/** CasePage is a matter taken at a counter: how it stands, what is wanting, what it is linked with and what may be done. */
export default function CasePage() {
  const t = useT()
  const { id } = useParams<{ id: string }>()
  const matter = $api.useQuery('get', '/v1/intake-cases/{id}', { params: { path: { id } } })
  if (!matter.data) return <Page title={t('受理件', 'Case')}>{matter.error ? <Failure error={matter.error} retry={() => void matter.refetch()} /> : <Skeleton lines={8} />}</Page>
  return <Body matter={matter.data} />
}

function Body({ matter }: { matter: Case }) {
  const t = useT()
  const f = useFormats()
  const nameOf = useCaseName()
  const { whole } = matter
  const number = whole?.localNumber ?? matter.number
  return (
    <Page
      title={nameOf(matter)}
      about={<span className={css.about}>{number && <span className="mono">{number}</span>} <CaseBadge state={matter.state} /> {whole?.overdue && <Badge tone="danger">{t('超期', 'Overdue')}</Badge>} {matter.sensitive && <Badge tone="warn">{t('敏感事项', 'Sensitive')}</Badge>}</span>}
      actions={<ButtonLink href="/cases">{t('全部受理件', 'All cases')}</ButtonLink>}
    >
      {!whole && <Card><Hidden matter={matter} /></Card>}
      {matter.standsStill && <Notice tone="warn">{t('待补正，承诺期限暂停', 'Materials are wanting: the promise stands still')}</Notice>}
      {whole && (
        <div className={css.split}>
          <div className={css.column}>
            <Deeds matter={matter} />
            {whole.missing.length > 0 && <Card title={t('所缺材料与条件', 'What is wanting')}><ul className={css.list}>{whole.missing.map((m) => <li key={m}>{m}</li>)}</ul></Card>}
            <Card title={t('经过', 'What happened')}><Timeline id={matter.id} /></Card>
          </div>
          <div className={css.column}>
            <Card title={t('办件', 'The case')}><CaseFacts matter={matter} whole={whole} /></Card>
            <Card title={t('申请人', 'Applicant')}><Applicant id={matter.id} applicant={whole.applicant} /></Card>
            <Card title={t('关联', 'Linked with')}><Linked of="case" id={matter.id} empty /></Card>
            <Materials whole={whole} />
            <Trips matter={matter} whole={whole} />
            {whole.homeCall && (
              <Card title={t('上门代办', 'Home call')}>
                <HomeCall call={whole.homeCall} />
              </Card>
            )}
            {whole.pauses.length > 0 && (
              <Card title={t('待补正的时间', 'While materials were wanting')}>
                <ul className={css.list}>{whole.pauses.map((p) => <li key={p.from}>{f.time(p.from)} – {p.until ? f.time(p.until) : t('现在', 'now')}</li>)}</ul>
              </Card>
            )}
          </div>
        </div>
      )}
    </Page>
  )
}

function Hidden({ matter }: { matter: Case }) {
  const t = useT()
  const f = useFormats()
  return (
    <div className={css.stack}>
      <p>{t('敏感事项只显示存在、状态与日期。', 'Of a sensitive matter no more is shown than that it is there, its state and date.')}</p>
      <Facts items={[[t('最近变动', 'Last changed'), f.time(matter.updatedAt)]]} />
      <Matter id={matter.id} />
    </div>
  )
}

type Whole = NonNullable<Case['whole']>

function CaseFacts({ matter, whole }: { matter: Case; whole: Whole }) {
  const t = useT()
  const f = useFormats()
  const stations = useStations()
  const station = stations.find((s) => s.id === whole.station)
  const to = placeOf({ kind: 'station', id: whole.station })
  return (
    <Facts
      items={[
        [t('事项', 'Item'), matter.item && `${matter.item.category} · ${matter.item.name}（${matter.item.code}）`],
        [t('编号', 'Number'), matter.number && <span className="mono">{matter.number}</span>],
        [t('窗口编号', 'Number here'), whole.localNumber && whole.localNumber !== matter.number && <span className="mono">{whole.localNumber}</span>],
        [t('平台', 'Platform'), matter.system === 'local' ? t('窗口自开', 'Opened at the counter') : matter.system],
        [t('平台状态', 'Its own word'), whole.sourceState],
        [t('承诺办结', 'Promised'), matter.promisedOn && <span className={whole.overdue ? css.late : undefined}>{f.date(matter.promisedOn)}{matter.provisional && `（${t('节假日未定', 'holidays are not known yet')}）`}</span>],
        [t('原因', 'Reason'), whole.reason],
        [t('社区', 'Community'), whole.place.community?.name],
        [t('网格', 'Cell'), whole.place.cell && <Link to={`/map?cell=${whole.place.cell.code}`}>{whole.place.cell.name}</Link>],
        [t('地址', 'Address'), whole.address],
        [t('服务站', 'Station'), whole.station && (to ? <Link to={to}>{station?.name ?? t('服务站', 'Station')}</Link> : station?.name)],
        [t('经办', 'Worker'), whole.worker?.name],
        [t('顶岗', 'Stand-in'), whole.standIn?.name],
        [t('收件', 'Opened'), `${f.time(whole.openedAt)}${whole.openedBy ? ` · ${whole.openedBy.name}` : ''}`],
        [t('受理', 'Taken on'), whole.acceptedAt && f.time(whole.acceptedAt)],
        [t('办完', 'Over'), whole.closedAt && f.time(whole.closedAt)],
      ]}
    />
  )
}

type Open = { kind: 'action'; action: Whole['allowed'][number] } | { kind: 'ticket' } | undefined

function Deeds({ matter }: { matter: Case }) {
  const t = useT()
  const word = useWords()
  const counter = useCounter()
  const [open, setOpen] = useState<Open>()
  const allowed = matter.whole?.allowed ?? []
  const refusing = ['not_accept', 'refuse', 'withdraw']
  const shut = () => setOpen(undefined)
  if (!allowed.length && !counter) return null
  return (
    <Card title={t('办理', 'Do')}>
      <div className={css.stack}>
        <div className={css.deeds}>
          {allowed.map((a, i) => (
            <Button key={a} variant={refusing.includes(a) ? 'danger' : i === 0 ? 'primary' : 'plain'} aria-expanded={open?.kind === 'action' && open.action === a}
              onPress={() => setOpen(open?.kind === 'action' && open.action === a ? undefined : { kind: 'action', action: a })}>{word('IntakeCaseAction', a)}</Button>
          ))}
          {counter && <Button aria-expanded={open?.kind === 'ticket'} onPress={() => setOpen(open?.kind === 'ticket' ? undefined : { kind: 'ticket' })}>{t('开立工单', 'Open a ticket of it')}</Button>}
        </div>
        {!allowed.length && <p className="muted">{matter.system === 'local' ? t('现在没有可办理的步骤。', 'There is no step to take now.') : t('由平台办理，这里只显示进展。', 'Its platform decides: here it is followed.')}</p>}
        {open?.kind === 'action' && <ActionForm key={open.action} matter={matter} action={open.action} onDone={shut} />}
        {open?.kind === 'ticket' && <NewTicket matter={matter} onDone={shut} />}
      </div>
    </Card>
  )
}

function Materials({ whole }: { whole: Whole }) {
  const t = useT()
  const f = useFormats()
  if (!whole.materials.length) return null
  return (
    <Card title={t('已交材料', 'Materials')}>
      <ul className={css.list}>
        {whole.materials.map((m) => (
          <li key={m.id}>
            <b>{m.name}</b>{m.fromResident && <Badge tone="info">{t('居民补交', 'From the resident')}</Badge>}<span className="muted">{f.time(m.at)}</span>
            {m.photos.length > 0 && <span className={css.photos}>{m.photos.map((p, i) => <a key={p} href={session.photo(p, 'full')} target="_blank" rel="noreferrer"><img src={session.photo(p)} alt={`${m.name} ${i + 1}`} loading="lazy" /></a>)}</span>}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Trips({ matter, whole }: { matter: Case; whole: Whole }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const counter = useCounter()
  const [adding, setAdding] = useState(false)
  if (!whole.trips.length && !counter) return null
  return (
    <Card title={t('居民跑动', 'Trips that the resident made')} actions={counter && !adding && <Button size="small" onPress={() => setAdding(true)}>{t('登记', 'Note one')}</Button>}>
      <div className={css.stack}>
        {whole.trips.length === 0 && !adding && <p className="muted">{t('没有记录', 'None is noted')}</p>}
        {whole.trips.length > 0 && (
          <ul className={css.list}>
            {whole.trips.map((x, i) => (
              <li key={i}><span>{f.date(x.on)}</span>{x.inVain && <Badge tone="warn">{t('跑空', 'In vain')}</Badge>}<span>{x.reason}</span><span className="muted">{word('IntakeTripSource', x.source)}</span></li>
            ))}
          </ul>
        )}
        {adding && <Trip id={matter.id} onDone={() => setAdding(false)} />}
      </div>
    </Card>
  )
}

function HomeCall({ call }: { call: NonNullable<Whole['homeCall']> }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  return (
    <Facts
      items={[
        [t('约定日期', 'Agreed for'), call.on && f.date(call.on)],
        [t('备注', 'Note'), call.note],
        [t('预约', 'Booked'), call.call && `${f.time(call.call.from)} – ${f.time(call.call.to)}`],
        [t('情况', 'How it stands'), call.call && word('HomeCallState', call.call.state)],
        [t('登记人', 'By'), call.by?.name],
      ]}
    />
  )
}
