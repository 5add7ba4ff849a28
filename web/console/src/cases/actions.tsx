import { useState } from 'react'
import { useLocation } from 'wouter'
import { api, type Schemas } from '../api'
import { useWordList, useWords } from '../api/words'
import { Refusal, useSend } from '../app/deed'
import { useT } from '../i18n'
import { useCategories } from '../work/categories'
import { useAfresh } from '../work/deed'
import { Button, Checkbox, Select, TextField, said } from '../ui'
import { today } from '../visits/month'
import css from './cases.module.css'
import type { Case } from './words'

type Action = NonNullable<Case['whole']>['allowed'][number]

const tellsMissing = ['not_accept', 'ask_material'] // what is wanting is told all at once
const needsReason = ['refuse', 'withdraw', 'not_accept']

/** ActionForm takes one step of a case that is decided here. */
export function ActionForm({ matter, action, onDone }: { matter: Case; action: Action; onDone: () => void }) {
  const t = useT()
  const word = useWords()
  const afresh = useAfresh()
  const [missing, setMissing] = useState(tellsMissing.includes(action) ? (matter.whole?.missing ?? []).join('\n') : '')
  const [reason, setReason] = useState('')
  const [note, setNote] = useState('')
  const lines = missing.split('\n').map((l) => l.trim()).filter(Boolean)
  const body = { action: action as Schemas['IntakeCaseActionIn'], ...(lines.length ? { missing: lines } : {}), ...(reason.trim() ? { reason } : {}), ...(note.trim() ? { note } : {}) }
  const send = useSend<Case>(
    (header) => api.POST('/v1/intake-cases/{id}/transitions', { params: { path: { id: matter.id }, header: { ...header, 'If-Match': `"${matter.version}"` } }, body }),
    (c) => {
      said(`${word('IntakeCaseAction', action)}：${word('IntakeCaseState', c?.state ?? '')}`)
      afresh('/v1/intake-cases', '/v1/me/todo')
      onDone()
    },
  )
  return (
    <form className={css.form} onSubmit={(e) => { e.preventDefault(); void send.go(body) }}>
      <Refusal problem={send.problem} fields={['/missing', '/reason', '/note']} />
      {tellsMissing.includes(action) && <TextField label={t('所缺材料与条件，一行一项', 'Everything that is wanting, one a line')} rows={3} value={missing} onChange={setMissing} error={send.fault('/missing')} isRequired hint={t('一次性告知，请写全', 'It is told once: leave nothing out')} autoFocus />}
      {needsReason.includes(action) && <TextField label={t('原因', 'Reason')} rows={2} value={reason} onChange={setReason} error={send.fault('/reason')} isRequired={action !== 'not_accept'} maxLength={500} />}
      <TextField label={t('备注', 'Note')} value={note} onChange={setNote} error={send.fault('/note')} maxLength={500} />
      <div className={css.deeds}>
        <Button type="submit" variant={['refuse', 'withdraw', 'not_accept'].includes(action) ? 'danger' : 'primary'} isPending={send.busy}>{word('IntakeCaseAction', action)}</Button>
        <Button variant="quiet" onPress={onDone}>{t('不改了', 'Leave it')}</Button>
      </div>
    </form>
  )
}

/** NewTicket opens a ticket of a case: what is left empty the case proposes. */
export function NewTicket({ matter, onDone }: { matter: Case; onDone: () => void }) {
  const t = useT()
  const afresh = useAfresh()
  const [, go] = useLocation()
  const kinds = useWordList('TicketKind')
  const urgencies = useWordList('Urgency')
  const categories = useCategories(matter.whole?.place.community?.code)
  const [kind, setKind] = useState('help')
  const [category, setCategory] = useState('')
  const [urgency, setUrgency] = useState('normal')
  const [title, setTitle] = useState('')
  const [description, setDescription] = useState('')
  const [address, setAddress] = useState(matter.whole?.address ?? '')
  const some = (o: Record<string, string>) => Object.fromEntries(Object.entries(o).filter(([, v]) => v.trim()))
  const body = some({ kind, category, urgency, title, description, address: address === matter.whole?.address ? '' : address }) as unknown as Schemas['TicketOfCase']
  const send = useSend<Schemas['Ticket']>(
    (header) => api.POST('/v1/intake-cases/{id}/tickets', { params: { path: { id: matter.id }, header }, body }),
    (ticket) => {
      said(t('工单已开立并关联', 'The ticket is opened and linked'))
      afresh('/v1/intake-cases', '/v1/tickets')
      if (ticket) go(`/tickets/${ticket.id}`)
    },
  )
  return (
    <form className={css.form} onSubmit={(e) => { e.preventDefault(); void send.go(body) }}>
      <Refusal problem={send.problem} fields={['/kind', '/category', '/urgency', '/title', '/description', '/address']} />
      <div className={css.two}>
        <Select label={t('诉求类型', 'Kind')} value={kind} onChange={setKind} options={kinds} error={send.fault('/kind')} />
        <Select label={t('紧急程度', 'Urgency')} value={urgency} onChange={setUrgency} options={urgencies} error={send.fault('/urgency')} />
      </div>
      <Select label={t('类别', 'Category')} value={category} onChange={setCategory} error={send.fault('/category')} isRequired={matter.sensitive}
        options={[...(matter.sensitive ? [] : [{ id: '', text: t('按事项推定', 'By the matter') }]), ...categories.offered.map((c) => ({ id: c.code, text: c.name }))]} />
      <TextField label={t('标题', 'Title')} value={title} onChange={setTitle} error={send.fault('/title')} maxLength={100} isRequired={matter.sensitive} placeholder={matter.sensitive ? '' : (matter.item?.name ?? '')} />
      <TextField label={t('说明', 'Description')} rows={3} value={description} onChange={setDescription} error={send.fault('/description')} maxLength={4000} />
      <TextField label={t('地址', 'Address')} value={address} onChange={setAddress} error={send.fault('/address')} maxLength={200} />
      {matter.sensitive && <p className="muted">{t('敏感事项：网格一侧只看得到关联的存在，请勿在标题与说明中写明事项。', 'A sensitive matter: the grid sees no more than that there is a case. Do not write what it is about.')}</p>}
      <div className={css.deeds}>
        <Button type="submit" variant="primary" isPending={send.busy}>{t('开立工单', 'Open the ticket')}</Button>
        <Button variant="quiet" onPress={onDone}>{t('不开了', 'Leave it')}</Button>
      </div>
    </form>
  )
}

/** Trip notes that the resident came, and whether for nothing. */
export function Trip({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useT()
  const afresh = useAfresh()
  const [on, setOn] = useState(today())
  const [inVain, setInVain] = useState(false)
  const [reason, setReason] = useState('')
  const body = { on, inVain, ...(reason.trim() ? { reason } : {}) }
  const send = useSend(
    (header) => api.POST('/v1/intake-cases/{id}/trips', { params: { path: { id }, header }, body }),
    () => {
      said(t('已登记', 'Noted'))
      afresh('/v1/intake-cases')
      onDone()
    },
  )
  return (
    <form className={css.form} onSubmit={(e) => { e.preventDefault(); void send.go(body) }}>
      <Refusal problem={send.problem} fields={['/on', '/reason']} />
      <TextField label={t('日期', 'Day')} type="date" value={on} onChange={setOn} error={send.fault('/on')} isRequired />
      <Checkbox isSelected={inVain} onChange={setInVain}>{t('跑空', 'In vain')}</Checkbox>
      <TextField label={t('原因', 'Why')} value={reason} onChange={setReason} error={send.fault('/reason')} maxLength={500} />
      <div className={css.deeds}><Button type="submit" variant="primary" isPending={send.busy}>{t('登记', 'Note it')}</Button><Button variant="quiet" onPress={onDone}>{t('不登记了', 'Leave it')}</Button></div>
    </form>
  )
}
