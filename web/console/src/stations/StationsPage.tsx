import { Store } from 'lucide-react'
import { Link } from 'wouter'
import { $api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Blank, Card, Facts, Loaded, Page, Select, useFilters } from '../ui'
import { useNarrow } from '../ui/narrow'
import { Cover } from './Cover'
import { hoursText } from './hours'
import css from './stations.module.css'

type Station = Schemas['Station']

/** StationsPage is the service stations: whom they serve and when, who is there, and when nobody is. */
export default function StationsPage() {
  const t = useT()
  const stations = $api.useQuery('get', '/v1/stations', { params: { query: { limit: 200 } } })
  return (
    <Page title={t('服务站', 'Stations')}>
      <Loaded of={stations}>
        {(page) => (page.items.length === 0 ? <Blank icon={<Store size={36} strokeWidth={1.4} aria-hidden />} title={t('没有服务站', 'There is no station')} /> : <Pick stations={page.items} />)}
      </Loaded>
    </Page>
  )
}

function Pick({ stations }: { stations: Station[] }) {
  const t = useT()
  const { get, put } = useFilters()
  const narrow = useNarrow()
  // Those whose staffing the reader sees come first: these are their own.
  const sorted = [...stations].sort((a, b) => Number(!!b.staffing) - Number(!!a.staffing))
  const station = stations.find((s) => s.id === get('station')) ?? sorted[0]!
  return (
    <div className={css.split}>
      {narrow ? <Select label={t('服务站', 'Station')} value={station.id} onChange={(id) => put({ station: id })} options={sorted.map((s) => ({ id: s.id, text: s.name }))} /> : <nav aria-label={t('服务站', 'Stations')}>
        <ul className={css.list}>
          {sorted.map((s) => (
            <li key={s.id}>
              <Link to={`/stations?station=${s.id}`} className={css.item} aria-current={s.id === station.id ? 'true' : undefined}>
                <b>{s.name}</b><span>{s.street?.name} · {t(`服务 ${s.communities.length} 个社区`, s.communities.length === 1 ? 'serves 1 community' : `serves ${s.communities.length} communities`)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>}
      <Detail key={station.id} station={station} />
    </div>
  )
}

function Detail({ station }: { station: Station }) {
  const t = useT()
  const word = useWords()
  const now = new Date().toISOString()
  const inForce = <X extends { from: string | null; until: string | null }>(x: X) => (!x.from || x.from <= now) && (!x.until || x.until > now)
  const models = station.models.filter(inForce)
  return (
    <div className={css.column}>
      <Card title={station.name}>
        <Facts
          items={[
            [t('模式', 'Model'), models.map((m) => `${word('StationModel', m.model)}${m.counter ? '' : `（${t('无柜台', 'no counter')}）`}`).join('、')],
            [t('地址', 'Address'), station.address],
            [t('电话', 'Phone'), station.phone && <a href={`tel:${station.phone}`}>{station.phone}</a>],
            [t('服务社区', 'Serves'), station.communities.filter(inForce).map((c) => c.name).join('、')],
            [t('开放时间', 'Hours'), <span className={css.hours}>{hoursText(station.hours.weekly, t).map((l) => <span key={l}>{l}</span>)}</span>],
            [t('节假日', 'Holidays'), station.hours.openOnHolidays ? t('开放', 'Open') : t('不开放', 'Closed')],
            [t('事项', 'Items'), station.serviceItems.length ? t(`${station.serviceItems.length} 项`, `${station.serviceItems.length}`) : t('全部', 'All')],
          ]}
        />
      </Card>
      {station.staffing ? (
        <>
          <Cover id={station.id} />
          <Staff staffing={station.staffing} />
          <Absences absences={station.staffing.absences} />
        </>
      ) : (
        <p className="muted">{t('在岗与顶岗情况只给该站人员与管理人员。', 'Who is there when is shown to the people of the station and who keeps it.')}</p>
      )}
    </div>
  )
}

type Staffing = NonNullable<Station['staffing']>

function Staff({ staffing }: { staffing: Staffing }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  return (
    <Card title={t('人员', 'Staff')}>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={t('人员', 'Staff')}>
        <table className={css.table}>
          <thead><tr><th scope="col">{t('姓名', 'Name')}</th><th scope="col">{t('岗位', 'Post')}</th><th scope="col">{t('班次', 'Shifts')}</th><th scope="col">{t('顶岗（B角）', 'Stand-in')}</th><th scope="col">{t('起', 'Since')}</th></tr></thead>
          <tbody>
            {staffing.staff.map((s, i) => (
              <tr key={i}><td><b>{s.person?.name ?? '—'}</b></td><td>{word('StationPart', s.part)}</td><td>{s.shifts.join('、')}</td><td>{s.standIn?.name ?? <Badge tone="warn">{t('没有', 'Nobody')}</Badge>}</td><td>{s.from && f.date(s.from)}{s.until && ` – ${f.date(s.until)}`}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

function Absences({ absences }: { absences: Staffing['absences'] }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  return (
    <Card title={t('缺勤', 'Absences')}>
      {absences.length === 0 ? <p className="muted">{t('没有登记', 'None is noted')}</p> : (
        <ul className={css.absences}>
          {absences.map((a) => (
            <li key={a.id}><b>{a.person?.name}</b>{a.reason && <Badge>{word('AbsenceReason', a.reason)}</Badge>}<span>{a.from && f.time(a.from)} – {a.until ? f.time(a.until) : t('未定', 'open')}</span><span className="muted">{a.standIn && `${t('顶岗', 'stand-in')} ${a.standIn.name}`}</span></li>
          ))}
        </ul>
      )}
    </Card>
  )
}
