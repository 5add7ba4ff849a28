import { Building2, Clock3, LocateFixed, MapPin, Phone, UserRound } from 'lucide-react'
import { useState } from 'react'
import { $api, isProblem, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Blank, Button, Failure, Notice, Skeleton } from '../ui'
import type { Spot } from './style'
import css from './public.module.css'

/** useMyCell is the cell of a place, and who is published there. */
export const useMyCell = (place: Spot | undefined) =>
  $api.useQuery('get', '/public/my-cell', { params: { query: { lon: place?.lon ?? 0, lat: place?.lat ?? 0, datum: 'wgs84' } } }, { enabled: !!place, staleTime: 60_000 })

/** Locate asks the browser where it is, when somebody asks for that. */
export function Locate({ onPlace, primary }: { onPlace: (at: Spot) => void; primary?: boolean }) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState('')
  const ask = () => {
    setFailed('')
    if (!('geolocation' in navigator)) return setFailed(t('此浏览器不能定位，请在地图上点选', 'This browser cannot tell where it is: tap the map'))
    setBusy(true)
    navigator.geolocation.getCurrentPosition(
      (p) => { setBusy(false); onPlace({ lon: p.coords.longitude, lat: p.coords.latitude }) },
      () => { setBusy(false); setFailed(t('没有得到位置，请在地图上点选', 'No position was given: tap the map')) },
      { enableHighAccuracy: true, timeout: 20_000 },
    )
  }
  return (
    <>
      <Button variant={primary ? 'primary' : 'plain'} isPending={busy} onPress={ask}><LocateFixed size={16} aria-hidden />{t('用我的位置', 'Use my position')}</Button>
      {failed && <Notice tone="warn">{failed}</Notice>}
    </>
  )
}

const dial = (phone: string) => `tel:${phone.replace(/[^+0-9]/g, '')}`

/** WorkerPanel tells who works in the cell of a place, and how they are reached. */
export function WorkerPanel({ place, onPlace, onReport }: { place?: Spot; onPlace: (at: Spot) => void; onReport: () => void }) {
  const t = useT()
  const found = useMyCell(place)
  if (!place)
    return (
      <Blank icon={<MapPin size={36} strokeWidth={1.4} aria-hidden />} title={t('您在哪里？', 'Where are you?')} action={<Locate primary onPlace={onPlace} />}>
        {t('在地图上点一下，或使用您的位置，看看谁负责这里', 'Tap the map, or use your position, to see who looks after the place')}
      </Blank>
    )
  if (isProblem(found.error) && found.error.status === 404)
    return <Blank icon={<MapPin size={36} strokeWidth={1.4} aria-hidden />} title={t('这里还没有网格', 'No cell lies here')} action={<Locate onPlace={onPlace} />}>{t('请在地图上有网格的地方点选', 'Tap a place that has cells')}</Blank>
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />
  if (!found.data) return <Skeleton lines={6} />
  const { cell, community, street, workers, stations } = found.data
  return (
    <div className={css.stack}>
      <header>
        <h2>{cell.name}</h2>
        <p className="muted">{[street?.name, community?.name].filter(Boolean).join(' · ')}</p>
      </header>
      {workers.length === 0 && <Notice>{t('这里还没有公示网格员，可联系服务站', 'Nobody is published here yet: the station below can be reached')}</Notice>}
      <ul className={css.stack}>{workers.map((w, i) => <Worker key={i} worker={w} />)}</ul>
      {stations.length > 0 && <h3>{t('服务站', 'Service stations')}</h3>}
      <ul className={css.stack}>{stations.map((s) => <Station key={s.id} station={s} />)}</ul>
      <div className={css.row}><Button variant="primary" onPress={onReport}>{t('在这里上报', 'Report something here')}</Button><Locate onPlace={onPlace} /></div>
    </div>
  )
}

function Worker({ worker: w }: { worker: Schemas['MyCell']['workers'][number] }) {
  const t = useT()
  const word = useWords()
  return (
    <li className={css.card}>
      <span className={css.face} aria-hidden><UserRound size={22} /></span>
      <div className={css.text}>
        <div className={css.row}><b>{w.name ?? t('顶岗人员', 'A stand-in')}</b><Badge tone="accent">{word('PostRole', w.role)}</Badge>{w.covered && <Badge tone="warn">{t('顶岗中', 'stood in for')}</Badge>}</div>
        {w.hours && <p className={css.line}><Clock3 size={14} aria-hidden />{w.hours}</p>}
      </div>
      {w.phone && <a className={css.call} href={dial(w.phone)} aria-label={t(`拨打 ${w.phone}`, `Call ${w.phone}`)}><Phone size={16} aria-hidden />{w.phone}</a>}
    </li>
  )
}

function Station({ station: s }: { station: Schemas['MyCell']['stations'][number] }) {
  const t = useT()
  const f = useFormats()
  const until = s.open && s.opening?.until ? f.time(s.opening.until) : undefined
  const next = !s.open && s.opening?.from ? f.time(s.opening.from) : undefined
  return (
    <li className={css.card}>
      <span className={css.face} aria-hidden><Building2 size={22} /></span>
      <div className={css.text}>
        <b>{s.name}</b>
        {s.address && <p className={css.line}><MapPin size={14} aria-hidden />{s.address}</p>}
        <p className={css.line}>
          {s.open ? <Badge tone="good">{t('开放中', 'open')}</Badge> : <Badge>{t('未开放', 'closed')}</Badge>}
          {until && t(`至 ${until}`, `until ${until}`)}{next && t(`${next} 开放`, `opens ${next}`)}
        </p>
      </div>
      {s.phone && <a className={css.call} href={dial(s.phone)} aria-label={t(`拨打 ${s.phone}`, `Call ${s.phone}`)}><Phone size={16} aria-hidden />{s.phone}</a>}
    </li>
  )
}
