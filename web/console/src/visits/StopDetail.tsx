import { useState } from 'react'
import { Link } from 'wouter'
import { $api, api, session, type Schemas } from '../api'
import { useWords } from '../api/words'
import { streetOf } from '../app/areas'
import { Refusal, useSend } from '../app/deed'
import { Linked } from '../app/Linked'
import { useLanguage, useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { useAfresh } from '../work/deed'
import { placeOf } from '../work/paths'
import { Badge, Button, Facts, Notice, TextField, said, type Tone } from '../ui'
import { ClearAlert } from './Alerts'
import { useVisits } from './data'
import { Sketch, useDistance } from './Sketch'
import css from './stop.module.css'
import { VisitBadge } from './words'

export type Stop = Schemas['Stop']

const tones: Record<string, Tone> = { clear: 'good', flagged: 'warn', accepted: 'good', rejected: 'danger' }

export function ProofBadge({ stop }: { stop: Stop }) {
  const word = useWords()
  return stop.proof.state && <Badge tone={tones[stop.proof.state]}>{word('ProofState', stop.proof.state)}</Badge>
}

/** Proof is what speaks for and against a visit having been made, with a sketch of where it was. */
export function Proof({ stop }: { stop: Stop }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  const say = useDistance()
  const { proof, position, household } = stop
  const e = proof.evidence
  const street = streetOf(stop.place.street?.code ?? '')
  const policy = $api.useQuery('get', '/v1/visit-policies/{street}', { params: { path: { street } } }, { enabled: street !== '', staleTime: 300_000 })
  const limit = proof.flags.find((x) => x.doubt === 'too_far')?.limit ?? policy.data?.thresholds.too_far.limit ?? null
  const flagged = new Set(proof.flags.map((x) => x.doubt as string))
  const minutes = (s: number) => (s < 60 ? t(`${Math.round(s)} 秒`, `${Math.round(s)} s`) : t(`${Math.round(s / 60)} 分钟`, `${Math.round(s / 60)} min`))
  const measured: [doubt: string, name: string, value: string | null][] = [
    ['too_far', t('距住户', 'From the household'), e.distanceM === null ? null : say(e.distanceM)],
    ['imprecise', t('定位精度', 'Accuracy'), e.accuracyM === null ? null : `± ${say(e.accuracyM)}`],
    ['mock_location', t('模拟定位', 'Mock location'), e.mock ? t('是', 'yes') : t('否', 'no')],
    ['too_fast', t('自上一户的速度', 'Speed since the last one'), e.speedKmh === null ? null : `${f.number(e.speedKmh)} km/h`],
    ['too_short', t('停留', 'Stayed'), e.dwellS === null ? null : minutes(e.dwellS)],
    ['photo_reused', t('重复使用的照片', 'Photos used before'), String(e.reusedPhotos)],
    ['clock_skew', t('时钟偏差', 'Clock off by'), e.skewS ? minutes(Math.abs(e.skewS)) : t('无', 'nothing')],
    ['sent_late', t('补传延迟', 'Sent late by'), e.delayH ? t(`${f.number(e.delayH)} 小时`, `${f.number(e.delayH)} h`) : t('无', 'nothing')],
  ]
  return (
    <div className={css.proof}>
      {household && position ? (
        <Sketch household={household.position} at={position} accuracy={position.accuracyM ?? null} limit={limit} distance={e.distanceM} />
      ) : (
        <p className="muted">{stop.channel === 'home' ? t('没有定位', 'There is no position') : `${word('Channel', stop.channel)}：${t('没有签到位置', 'no position')}`}</p>
      )}
      {proof.flags.length > 0 && (
        <ul className={css.flags}>{proof.flags.map((x) => <li key={x.doubt}><b>{word('Doubt', x.doubt)}</b><span>{x.text}</span><span className="num">+{x.score}</span></li>)}</ul>
      )}
      <dl className={css.measured}>
        {measured.filter(([, , v]) => v !== null).map(([d, name, v]) => <div key={d} className={flagged.has(d) ? css.doubted : undefined}><dt>{name}</dt><dd>{v}</dd></div>)}
      </dl>
      {proof.at && <p className="muted">{proof.by?.name} · {f.time(proof.at)}{proof.note && ` · ${proof.note}`}</p>}
    </div>
  )
}

export function Photos({ ids }: { ids: string[] }) {
  const t = useT()
  if (!ids.length) return null
  return (
    <ul className={css.photos}>
      {ids.map((id, i) => <li key={id}><a href={session.photo(id, 'full')} target="_blank" rel="noreferrer"><img src={session.photo(id)} alt={t(`走访照片 ${i + 1}`, `Photo ${i + 1} of the visit`)} loading="lazy" /></a></li>)}
    </ul>
  )
}

/** StopFacts is who was at whose door, when and how it went. */
export function StopFacts({ stop }: { stop: Stop }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  const cell = placeOf({ kind: 'cell', id: stop.place.cell?.code ?? null })
  return (
    <Facts
      items={[
        [t('住户', 'Household'), stop.household?.address.text ?? stop.address?.text],
        [t('姓名', 'Occupant'), stop.household?.occupant],
        [t('网格', 'Cell'), stop.place.cell && (cell ? <Link to={cell}>{stop.place.cell.name}</Link> : stop.place.cell.name)],
        [t('走访人', 'Visited by'), stop.by?.name],
        [t('签到', 'Checked in'), f.time(stop.at)],
        [t('离开', 'Left'), stop.leftAt && f.time(stop.leftAt)],
        [t('方式', 'Channel'), word('Channel', stop.channel)],
        [t('结果', 'Result'), stop.result ? word('VisitResult', stop.result) : word('StopState', stop.state)],
        [t('备注', 'Note'), stop.note],
      ]}
    />
  )
}

/** Review decides about a proof: rejected, its visits do not count as coverage. */
export function Review({ stop, onDone }: { stop: Stop; onDone?: () => void }) {
  const t = useT()
  const afresh = useAfresh()
  const [note, setNote] = useState('')
  const [missing, setMissing] = useState(false)
  const [clearing, setClearing] = useState(false)
  const send = useSend<Stop>(
    (header) => api.POST('/v1/stops/{id}/review', { params: { path: { id: stop.id }, header }, body: last }),
    (s) => {
      said(s?.proof.state === 'accepted' ? t('已通过', 'Accepted') : t('已不通过，相关走访不计入走访率', 'Rejected: its visits no longer count'))
      setNote('')
      afresh('/v1/stops', '/v1/visits', '/v1/me/todo')
      onDone?.()
    },
  )
  let last = { accept: true, note: '' }
  const go = (accept: boolean) => {
    if (!note.trim()) return setMissing(true)
    last = { accept, note }
    void send.go(last)
  }
  const state = stop.proof.state
  return (
    <div className={css.review}>
      {stop.alert === 'raised' && <Notice tone="warn">{t('连续两次无人应答，需关注', 'Nobody answered twice in a row: see to it')}{stop.allowed.includes('clear_alert') && <> <Button size="small" onPress={() => setClearing(true)}>{t('解除关注', 'Clear')}</Button></>}</Notice>}
      {stop.alert === 'cleared' && <Notice tone="good">{t('关注已解除', 'The alert is cleared')}{stop.alertNote && `：${stop.alertNote}`}</Notice>}
      {stop.allowed.includes('review') && (
        <>
          <Refusal problem={send.problem} fields={['/note']} />
          <TextField label={t('审核意见', 'What you found')} rows={2} value={note} onChange={(v) => { setNote(v); setMissing(false) }} isRequired maxLength={1000}
            error={missing ? t('请说明理由', 'Say why') : send.fault('/note')} placeholder={t('如：已电话核实住户见到网格员', 'Such as: the household confirmed it by phone')} />
          <div className={css.deeds}>
            {state !== 'accepted' && <Button variant="primary" isPending={send.busy} onPress={() => go(true)}>{t('通过', 'Accept')}</Button>}
            {state !== 'rejected' && <Button variant="danger" isPending={send.busy} onPress={() => go(false)}>{t('不通过', 'Reject')}</Button>}
          </div>
        </>
      )}
      {clearing && <ClearAlert stop={stop} onClose={() => setClearing(false)} />}
    </div>
  )
}

/** Within are the visits that the stop was for. */
export function Within({ stop }: { stop: Stop }) {
  const t = useT()
  const visits = useVisits(stop.visits)
  if (!stop.visits.length) return <p className="muted">{t('临时走访，没有到期的走访', 'Looked in without a visit being due')}</p>
  return (
    <ul className={css.within}>
      {visits.map((v, i) => v.data && (
        <li key={stop.visits[i]}>
          <span className={css.withinMain}><Link to={`/visits?day=${v.data.period}&visit=${v.data.id}`}>{v.data.plan?.title ?? v.data.cause?.text ?? t('走访', 'Visit')}</Link><VisitBadge visit={v.data} /></span>
          <Linked of="visit" id={v.data.id} />
        </li>
      ))}
    </ul>
  )
}

type Question = { title?: string; 'x-title-en'?: string; type?: string; oneOf?: { const: unknown; title: string; 'x-title-en'?: string }[] }

/** Answers are what was answered on the forms of the visits, in the words of the forms. */
export function Answers({ stop }: { stop: Stop }) {
  const { lang, t } = useLanguage()
  const visits = useVisits(stop.answers && Object.keys(stop.answers).length ? stop.visits : [])
  const ids = [...new Set(visits.map((v) => v.data?.form).filter((x): x is string => !!x))]
  return <>{ids.map((id) => <FormAnswers key={id} id={id} answers={stop.answers as Record<string, Record<string, unknown>>} lang={lang} yes={t('是', 'yes')} no={t('否', 'no')} />)}</>
}

function FormAnswers({ id, answers, lang, yes, no }: { id: string; answers: Record<string, Record<string, unknown>>; lang: 'zh-CN' | 'en'; yes: string; no: string }) {
  const form = $api.useQuery('get', '/v1/forms/{id}', { params: { path: { id } } }, { staleTime: 300_000 })
  if (!form.data) return null
  const given = answers[form.data.code] ?? {}
  const questions = ((form.data.schema as { properties?: Record<string, Question> }).properties ?? {}) as Record<string, Question>
  const name = (q?: { title?: string; 'x-title-en'?: string }) => (lang === 'en' ? q?.['x-title-en'] || q?.title : q?.title)
  const one = (q: Question | undefined, v: unknown): string => (v === true ? yes : v === false ? no : (name(q?.oneOf?.find((o) => o.const === v)) ?? String(v)))
  const said = (q: Question | undefined, v: unknown) => (Array.isArray(v) ? v.map((x) => one(q, x)).join('、') : one(q, v))
  return (
    <div className={css.form}>
      <h3>{form.data.title[lang]}</h3>
      <Facts items={Object.entries(given).map(([key, v]) => [name(questions[key]) ?? key, said(questions[key], v)])} />
    </div>
  )
}
