import { CircleCheckBig, MapPin } from 'lucide-react'
import { useState } from 'react'
import { $api, api, isProblem, useSession, type Problem, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Blank, Button, Checkbox, Failure, Loaded, Notice, Select, TextField } from '../ui'
import { PhotosField } from '../work/actions/photos'
import { mended, useAfresh, useDeed, wrongsOf } from '../work/deed'
import { PhoneSignIn } from './PhoneSignIn'
import { Follow } from './follow'
import { useCategoryName } from './NearbyPanel'
import { Locate, useMyCell } from './WorkerPanel'
import { stageOf, tones } from './states'
import type { Spot } from './style'
import css from './public.module.css'

export type Report = { category: string; title: string; description: string; address: string; anonymous: boolean; photos: string[] }
export const blank: Report = { category: '', title: '', description: '', address: '', anonymous: false, photos: [] }

type Props = { place?: Spot; report: Report; onChange: (r: Report) => void; onPlace: (at: Spot) => void; onMine: () => void }

/**
 * ReportPanel takes a report: what it is and where, who reports it, whether somebody has said it already, and off it goes. What was
 * written stays whatever comes between: signing in, a refusal, a lost network.
 */
export function ReportPanel({ place, report, onChange, onPlace, onMine }: Props) {
  const t = useT()
  const { status } = useSession()
  const [step, setStep] = useState<'write' | 'send'>('write')
  const [made, setMade] = useState<Schemas['Ticket']>()
  if (made)
    return (
      <Blank icon={<CircleCheckBig size={40} strokeWidth={1.4} aria-hidden />} title={t('已上报', 'It is reported')} action={<div className={css.row}><Button variant="primary" onPress={onMine}>{t('查看进展', 'See how it goes')}</Button><Button onPress={() => setMade(undefined)}>{t('再报一件', 'Report another')}</Button></div>}>
        {t('受理编号', 'Receipt number')} <b className="mono">{made.number}</b>
        <Due at={made.dueAt} />
      </Blank>
    )
  if (step === 'send' && status !== 'in') return <PhoneSignIn why={t('用手机号登录后提交。您填写的内容都还在。', 'Sign in by your phone to send it. What you have written is kept.')} onBack={() => setStep('write')} />
  if (step === 'send' && place)
    return <Send place={place} report={report} onChange={onChange} onBack={() => setStep('write')} onMade={(x) => { setMade(x); setStep('write'); onChange(blank) }} />
  return <Write place={place} report={report} onChange={onChange} onPlace={onPlace} onNext={() => setStep('send')} />
}

function Due({ at }: { at: string | null }) {
  const t = useT()
  const f = useFormats()
  return at ? <p>{t(`应于 ${f.time(at)} 前办结`, `It should be resolved by ${f.time(at)}`)}</p> : null
}

function Write({ place, report, onChange, onPlace, onNext }: Pick<Props, 'place' | 'report' | 'onChange' | 'onPlace'> & { onNext: () => void }) {
  const t = useT()
  const cell = useMyCell(place)
  const { all } = useCategoryName(cell.data?.street?.code)
  const [asked, setAsked] = useState(false)
  const set = (change: Partial<Report>) => onChange({ ...report, ...change })
  const missing = { category: !report.category, title: !report.title.trim(), place: !place }
  const next = () => (Object.values(missing).some(Boolean) ? setAsked(true) : onNext())
  const where = cell.data ? [cell.data.community?.name, cell.data.cell.name].filter(Boolean).join(' · ') : place && isProblem(cell.error) && cell.error.status === 404 ? t('不在任何网格内，由街道分派', 'outside every cell: the street will see to it') : ''
  return (
    <form className={css.stack} noValidate onSubmit={(e) => { e.preventDefault(); next() }}>
      <div className={css.where} data-wrong={(asked && missing.place) || undefined}>
        <MapPin size={18} aria-hidden />
        <div className={css.text}><b>{place ? t('已选位置', 'The place') : t('在哪里？', 'Where is it?')}</b><small>{place ? where || `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}` : t('在地图上点一下', 'Tap the map')}</small></div>
        <Locate onPlace={onPlace} />
      </div>
      {asked && missing.place && <p className={css.wrong} role="alert">{t('请在地图上点选位置', 'Tap the place on the map')}</p>}
      <Select label={t('类别', 'Category')} isRequired value={report.category || null} onChange={(category) => set({ category })} placeholder={t('请选择', 'Choose one')} options={(all.data?.items ?? []).map((c) => ({ id: c.code, text: c.name }))} error={asked && missing.category ? t('请选择类别', 'Choose a category') : undefined} />
      <TextField label={t('什么事', 'What is it?')} maxLength={100} isRequired value={report.title} onChange={(title) => set({ title })} error={asked && missing.title ? t('请填写', 'Say what it is') : undefined} />
      <TextField label={t('详细说明', 'Details')} rows={3} maxLength={4000} value={report.description} onChange={(description) => set({ description })} />
      <TextField label={t('位置说明', 'How to find it')} hint={t('如几号楼、哪个出入口', 'as which building, which gate')} maxLength={200} value={report.address} onChange={(address) => set({ address })} />
      <Checkbox isSelected={report.anonymous} onChange={(anonymous) => set({ anonymous })}>{t('匿名上报', 'Report anonymously')}</Checkbox>
      <Button type="submit" variant="primary">{t('下一步', 'Next')}</Button>
    </form>
  )
}

function Send({ place, report, onChange, onBack, onMade }: { place: Spot; report: Report; onChange: (r: Report) => void; onBack: () => void; onMade: (t: Schemas['Ticket']) => void }) {
  const t = useT()
  const { name, all } = useCategoryName()
  const similar = $api.useQuery('get', '/v1/tickets/similar', { params: { query: { category: report.category as never, lon: place.lon, lat: place.lat, datum: 'wgs84' } } })
  const deed = useDeed()
  const afresh = useAfresh()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const needs = all.data?.items.find((c) => c.code === report.category)?.photos ?? 0
  const send = async () => {
    setBusy(true)
    setLost(false)
    const { photos, description, address, ...rest } = report
    const body = { ...rest, ...(description && { description }), ...(address && { address }), ...(photos.length && { photos }), position: { ...place, datum: 'wgs84' as const } } as Schemas['TicketDraft']
    try {
      const { data, error } = await api.POST('/v1/tickets', { params: { header: deed(body) }, body })
      if (data) {
        afresh('/v1/tickets', '/ogc')
        onMade(data)
      } else if (isProblem(error)) setProblem(error)
      else setLost(true)
    } catch {
      setLost(true)
    }
    setBusy(false)
  }
  return (
    <div className={css.stack}>
      <header><h2>{report.title}</h2><p className="muted">{name(report.category)}</p></header>
      <Loaded of={similar} lines={3}>
        {(d) => d.items.length === 0 ? <Notice tone="good">{t('附近没有相同的诉求', 'Nobody has reported the same nearby')}</Notice> : (
          <section className={css.stack}>
            <Notice tone="warn">{t('附近已有相似的诉求。如是同一件事，关注它即可，不必再报。', 'Something similar is reported nearby. If it is the same, follow it instead.')}</Notice>
            <ul className={css.list}>{d.items.map((s) => <Similar key={s.follow} of={s} />)}</ul>
          </section>
        )}
      </Loaded>
      <PhotosField draft={report} set={(change) => { onChange({ ...report, ...change } as Report); setProblem((p) => mended(p, change)) }} wrongs={wrongsOf(problem)} required={needs > 0} label={t('照片', 'Photos')} />
      {problem && <Refused problem={problem} />}
      {lost && <Failure error={null} />}
      <div className={css.row}>
        <Button variant="primary" isPending={busy} isDisabled={report.photos.length < needs} onPress={() => void send()}>{similar.data?.items.length ? t('不是同一件，提交上报', 'It is another: report it') : t('提交上报', 'Report it')}</Button>
        <Button onPress={onBack}>{t('返回修改', 'Back to the report')}</Button>
      </div>
    </div>
  )
}

function Refused({ problem }: { problem: Problem }) {
  return <Notice tone="danger">{problem.errors?.length ? problem.errors.map((e) => <div key={e.pointer}>{e.detail}</div>) : problem.detail}</Notice>
}

function Similar({ of: s }: { of: Schemas['SimilarTicketList']['items'][number] }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const { name } = useCategoryName()
  const it = s.ticket ?? s.public
  if (!it) return null
  return (
    <li className={css.item}>
      <div className={css.pick}>
        <span className={css.text}><b>{s.ticket?.title ?? name(it.category)}</b><small>{s.ticket ? f.date(s.ticket.createdAt) : t(`${s.public?.day} 上报`, `reported on ${s.public?.day}`)}</small></span>
        <Badge tone={tones[stageOf(it.state)]}>{word('TicketState', it.state)}</Badge>
        <Follow id={it.id} onSignIn={() => {}} />
      </div>
    </li>
  )
}
