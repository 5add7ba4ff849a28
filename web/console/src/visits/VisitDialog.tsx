import { useState } from 'react'
import { Link } from 'wouter'
import { $api, api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useCells } from '../app/areas'
import { Refusal, useSend } from '../app/deed'
import { Linked } from '../app/Linked'
import { useT } from '../i18n'
import { useAfresh } from '../work/deed'
import { useFormats } from '../i18n/format'
import { placeOf } from '../work/paths'
import { Button, ButtonLink, Dialog, Facts, Loaded, Select, TextField, said } from '../ui'
import { dayOf, today, type Visit } from './month'
import css from './visits.module.css'
import { VisitBadge } from './words'

type Action = 'reschedule' | 'reassign' | 'miss' | 'cancel'
const actions: Action[] = ['reschedule', 'reassign', 'miss', 'cancel']

/** VisitDialog shows one visit and what may be done about it here. Checking in is done at the door, with the app. */
export function VisitDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT()
  const visit = $api.useQuery('get', '/v1/visits/{id}', { params: { path: { id } } })
  return (
    <Dialog title={t('走访', 'Visit')} onClose={onClose} wide>
      <Loaded of={visit}>{(v) => <Body visit={v} />}</Loaded>
    </Dialog>
  )
}

function Body({ visit }: { visit: Visit }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  const [action, setAction] = useState<Action>()
  const name = (a: Action) => (a === 'cancel' ? t('取消走访', 'Cancel the visit') : word('VisitAction', a))
  const may = actions.filter((a) => (visit.allowed as string[]).includes(a))
  const cell = placeOf({ kind: 'cell', id: visit.place.cell?.code ?? null })
  return (
    <>
      <Facts
        items={[
          [t('状态', 'State'), <VisitBadge visit={visit} />],
          [t('住户', 'Household'), visit.household?.address.text],
          [t('姓名', 'Occupant'), visit.household?.occupant],
          [t('网格', 'Cell'), visit.place.cell && (cell ? <Link to={cell}>{visit.place.cell.name}</Link> : visit.place.cell.name)],
          [t('计划', 'Plan'), visit.plan?.title],
          [t('原因', 'Cause'), visit.cause?.text],
          [t('期间', 'Window'), `${f.date(visit.opens)} – ${f.date(Date.parse(visit.closes) - 1)}`],
          [t('派给', 'Assigned to'), visit.assignee?.name],
          [t('方式', 'Channel'), visit.channel && word('Channel', visit.channel)],
          [t('完成于', 'Done'), visit.doneAt && f.time(visit.doneAt)],
          [t('说明', 'Reasons'), visit.reasons.join('；')],
        ]}
      />
      <Linked of="visit" id={visit.id} />
      <div className={css.deeds}>
        {visit.stop && <ButtonLink href={`/stops/${visit.stop}`} variant="primary">{t('查看到访与凭证', 'The stop and its proof')}</ButtonLink>}
        {may.map((a) => <Button key={a} variant={a === 'cancel' || a === 'miss' ? 'danger' : 'plain'} aria-expanded={a === action} onPress={() => setAction(a === action ? undefined : a)}>{name(a)}</Button>)}
      </div>
      {action && <ActionForm key={action} visit={visit} action={action} onDone={() => setAction(undefined)} />}
    </>
  )
}

function ActionForm({ visit, action, onDone }: { visit: Visit; action: Action; onDone: () => void }) {
  const t = useT()
  const word = useWords()
  const afresh = useAfresh()
  const [reason, setReason] = useState('')
  const [day, setDay] = useState(() => [dayOf(visit.opens), today()].sort().at(-1)!)
  const [assignee, setAssignee] = useState('')
  const cells = useCells(action === 'reassign' ? (visit.place.community?.code ?? '') : '')
  const people = new Map((cells ?? []).flatMap((c) => (c.staff ?? []).map((s) => [s.account.id ?? '', s.account.name] as const)).filter(([id]) => id))
  const path = { params: { path: { id: visit.id } } }
  const body = { reason, ...(action === 'reschedule' ? { day } : {}), ...(action === 'reassign' ? { assignee: assignee || null } : {}) }
  const deed = useSend<Schemas['Visit']>(
    (header) => {
      const params = { ...path.params, header }
      if (action === 'reschedule') return api.POST('/v1/visits/{id}/reschedule', { params, body: { reason, day } })
      if (action === 'reassign') return api.POST('/v1/visits/{id}/reassign', { params, body: { reason, assignee: assignee || null } })
      return api.POST(action === 'miss' ? '/v1/visits/{id}/miss' : '/v1/visits/{id}/cancel', { params, body: { reason } })
    },
    () => {
      said(`${t('已', 'Done: ')}${word('VisitAction', action)}`)
      afresh('/v1/visits')
      onDone()
    },
  )
  const go = () => void deed.go({ action, ...body })
  return (
    <form className={css.form} onSubmit={(e) => { e.preventDefault(); go() }}>
      <Refusal problem={deed.problem} fields={['/reason', '/day', '/assignee']} />
      {action === 'reschedule' && <TextField label={t('改到', 'Move to')} type="date" value={day} onChange={setDay} error={deed.fault('/day')} isRequired hint={t('期次不变，只改走访之日', 'Its period stays; only the day moves')} />}
      {action === 'reassign' && (
        <Select label={t('改派给', 'Assign to')} value={assignee} onChange={setAssignee} error={deed.fault('/assignee')} options={[{ id: '', text: t('本格网格员', 'Cell worker') }, ...[...people].map(([id, text]) => ({ id, text }))]} />
      )}
      <TextField label={t('原因', 'Reason')} rows={2} value={reason} onChange={setReason} error={deed.fault('/reason')} isRequired maxLength={1000} autoFocus />
      <div className={css.deeds}>
        <Button type="submit" variant={action === 'miss' || action === 'cancel' ? 'danger' : 'primary'} isPending={deed.busy} isDisabled={!reason.trim()}>{t('确定', 'Confirm')}</Button>
        <Button variant="quiet" onPress={onDone}>{t('不改了', 'Leave it')}</Button>
      </div>
    </form>
  )
}
