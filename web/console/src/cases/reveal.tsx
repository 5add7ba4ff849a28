import { Eye } from 'lucide-react'
import { useState } from 'react'
import { api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { DeedDialog, useSend } from '../app/deed'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Button, Checkbox, Facts, TextField } from '../ui'
import css from './cases.module.css'
import { useCounter } from './words'

type Field = 'name' | 'phone' | 'idNumber'
const fields: Field[] = ['name', 'phone', 'idNumber']

/** Applicant is who asked, masked; whole to who says what for. */
export function Applicant({ id, applicant }: { id: string; applicant: Record<Field, string | null> }) {
  const t = useT()
  const word = useWords()
  const counter = useCounter()
  const [asks, setAsks] = useState(false)
  const [told, setTold] = useState<Partial<Record<Field, string>>>({})
  const there = fields.filter((f) => applicant[f])
  return (
    <div className={css.stack}>
      {there.length > 0 ? <Facts items={there.map((f) => [word('ApplicantField', f), told[f] ?? applicant[f]])} /> : <p className="muted">{t('没有登记', 'Nobody is noted')}</p>}
      {counter && there.some((f) => !told[f]) && <div><Button size="small" onPress={() => setAsks(true)}><Eye size={15} aria-hidden />{t('说明用途后查看', 'Look, with a reason')}</Button></div>}
      {asks && <RevealApplicant id={id} there={there} onTold={(x) => { setTold({ ...told, ...x }); setAsks(false) }} onClose={() => setAsks(false)} />}
    </div>
  )
}

function RevealApplicant({ id, there, onTold, onClose }: { id: string; there: Field[]; onTold: (x: Partial<Record<Field, string>>) => void; onClose: () => void }) {
  const t = useT()
  const word = useWords()
  const [chosen, setChosen] = useState<Field[]>(there.includes('phone') ? ['phone'] : there.slice(0, 1))
  const [reason, setReason] = useState('')
  const body = { fields: chosen, reason }
  const send = useSend<Schemas['ApplicantRevealed']>(() => api.POST('/v1/intake-cases/{id}/reveal', { params: { path: { id } }, body }), (x) => onTold(x ?? {}))
  return (
    <DeedDialog title={t('查看申请人信息', 'Look at the applicant')} verb={t('查看', 'Look')} {...send} fields={['/reason', '/fields']} ready={chosen.length > 0 && reason.trim().length > 1} onGo={() => void send.go(body)} onClose={onClose}>
      <div role="group" aria-label={t('看什么', 'What')} className={css.fields}>
        {there.map((f) => <Checkbox key={f} isSelected={chosen.includes(f)} onChange={(on) => setChosen(on ? [...chosen, f] : chosen.filter((x) => x !== f))}>{word('ApplicantField', f)}</Checkbox>)}
      </div>
      <TextField label={t('用途', 'Purpose')} value={reason} onChange={setReason} error={send.fault('/reason')} isRequired maxLength={200} hint={t('每次查看都会记入流水', 'Each look is on the journal')} autoFocus />
    </DeedDialog>
  )
}

/** Matter tells a manager what a sensitive case is about, with a reason. */
export function Matter({ id }: { id: string }) {
  const t = useT()
  const f = useFormats()
  const [asks, setAsks] = useState(false)
  const [reason, setReason] = useState('')
  const [told, setTold] = useState<Schemas['MatterRevealed']>()
  const send = useSend<Schemas['MatterRevealed']>(() => api.POST('/v1/intake-cases/{id}/reveal-matter', { params: { path: { id } }, body: { reason } }), (m) => { setTold(m); setAsks(false) })
  if (told)
    return (
      <Facts
        items={[
          [t('事项', 'Item'), `${told.item.category} · ${told.item.name}`],
          [t('编号', 'Number'), <span className="mono">{told.number}</span>],
          [t('承诺办结', 'Promised'), told.promisedOn && f.date(told.promisedOn)],
          [t('申请人', 'Applicant'), [told.applicant.name, told.applicant.phone, told.applicant.idNumber].filter(Boolean).join(' ')],
        ]}
      />
    )
  return (
    <div>
      <Button onPress={() => setAsks(true)}><Eye size={15} aria-hidden />{t('说明用途后查看', 'Look, with a reason')}</Button>
      {asks && (
        <DeedDialog title={t('查看敏感受理件', 'Look at a sensitive case')} verb={t('查看', 'Look')} {...send} fields={['/reason']} ready={reason.trim().length > 1} onGo={() => void send.go({ reason })} onClose={() => setAsks(false)}>
          <TextField label={t('用途', 'Purpose')} value={reason} onChange={setReason} error={send.fault('/reason')} isRequired maxLength={200} hint={t('每次查看都会记入流水', 'Each look is on the journal')} autoFocus />
        </DeedDialog>
      )}
    </div>
  )
}
